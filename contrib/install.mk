# SPDX-License-Identifier: LGPL-2.1-or-later
# What goes where on a machine, and into packages. Part of the Makefile.
bindir     ?= $(prefix)/bin
docdir     ?= $(datadir)/doc/oci-systemd-hook
hooksdir   ?= $(datadir)/containers/oci/hooks.d
bashcompletiondir ?= $(datadir)/bash-completion/completions
zshcompletiondir  ?= $(datadir)/zsh/site-functions
fishcompletiondir ?= $(datadir)/fish/vendor_completions.d

program = $(libexecdir)/oci/hooks.d/oci-systemd-hook
cdi     = $(sysconfdir)/cdi/oci-systemd-hook.json
entry   = $(hooksdir)/systemd-hook.json
catalog = $(prefix)/lib/systemd/catalog/oci-systemd-hook.catalog
pages   = oci-systemd-hook.8 oci-systemd-hook.json.5

# $(call put,FILE,PLACE,MODE) and $(call put-program,FILE,PLACE): a file in one rename, since engines look at these directories at any
# moment; with that mode whatever the umask; and a text with the paths of this installation. Directories that are there stay as they are.
directory   = { test -d '$(DESTDIR)$(patsubst %/,%,$(dir $(1)))' || (umask 022 && mkdir -p '$(DESTDIR)$(patsubst %/,%,$(dir $(1)))'); }
settle      = chmod $(2) '$(DESTDIR)$(1).new' && mv -f '$(DESTDIR)$(1).new' '$(DESTDIR)$(1)'
paths       = sed -e '1s|/usr/bin/env python3|/usr/bin/python3|' -e 's|/usr/libexec/oci|$(libexecdir)/oci|g' -e 's|/usr/share/oci-systemd-hook|$(datadir)/oci-systemd-hook|g'
put         = @$(call directory,$(2)) && (umask 077 && $(paths) '$(1)' >'$(DESTDIR)$(2).new') && $(call settle,$(2),$(3))
put-program = @$(call directory,$(2)) && cp '$(1)' '$(DESTDIR)$(2).new' && $(call settle,$(2),755)
# $(call put-link,PLACE,TARGET): relative where ln can, so that it is right below DESTDIR, too.
put-link    = @$(call directory,$(1)) && { ln -sfr '$(DESTDIR)$(2)' '$(DESTDIR)$(1)' 2>/dev/null || ln -sf '$(2)' '$(DESTDIR)$(1)'; }

##@ Install and package
install: all ## to DESTDIR and prefix
	$(call put-program,$(B)/oci-systemd-hook,$(program))
	$(call put-link,$(bindir)/oci-systemd-hook,$(program))
	$(call put,contrib/oci-systemd-hook-configure,$(bindir)/oci-systemd-hook-configure,755)
	$(call put,contrib/containerd/base-spec,$(libexecdir)/oci/oci-systemd-base-spec,755)
	$(call put,systemd-hook.json,$(datadir)/oci-systemd-hook/systemd-hook.json,644)
	$(call put,contrib/cdi/oci-systemd-hook.json,$(datadir)/oci-systemd-hook/cdi.json,644)
	$(call put,man/oci-systemd-hook.8,$(mandir)/man8/oci-systemd-hook.8,644)
	$(call put,man/oci-systemd-hook.json.5,$(mandir)/man5/oci-systemd-hook.json.5,644)
	$(call put,contrib/journal/oci-systemd-hook.catalog,$(catalog),644)
	$(call put,contrib/completion/oci-systemd-hook.bash,$(bashcompletiondir)/oci-systemd-hook,644)
	$(call put,contrib/completion/_oci-systemd-hook,$(zshcompletiondir)/_oci-systemd-hook,644)
	$(call put,contrib/completion/oci-systemd-hook.fish,$(fishcompletiondir)/oci-systemd-hook.fish,644)
	$(call put,systemd-hook.json,$(entry),644)
	@test '$(hooksdir)' = /usr/share/containers/oci/hooks.d || echo 'note: Podman and CRI-O do not read $(hooksdir) unless their' \
	  'hooks_dir names it; hooksdir=/usr/share/containers/oci/hooks.d installs the entry where they look' >&2
install-cdi: ## the CDI devices, which everyone who may start containers can then use, to sysconfdir
	$(call put,contrib/cdi/oci-systemd-hook.json,$(cdi),644)
install-docker: ## the runtime that adds the hooks, for a Docker without CDI and for clients that can name nothing else
	$(call put,contrib/docker/oci-systemd-runtime,$(libexecdir)/oci/oci-systemd-runtime,755)
	$(call put,contrib/docker/daemon.json,$(docdir)/daemon.json,644)
# What names the hook goes before the hook: an engine refuses each start that is told to call a program that is not there.
uninstall: ## what these put there
	rm -f '$(DESTDIR)$(cdi)' '$(DESTDIR)$(entry)'
	@! grep -s oci-systemd-runtime '$(DESTDIR)$(sysconfdir)/docker/daemon.json' || echo \
	  'note: $(sysconfdir)/docker/daemon.json names the runtime that is removed now; take it out, and reload Docker' >&2
	rm -f '$(DESTDIR)$(libexecdir)/oci/oci-systemd-runtime' '$(DESTDIR)$(docdir)/daemon.json'
	rm -f '$(DESTDIR)$(bindir)/oci-systemd-hook' '$(DESTDIR)$(bindir)/oci-systemd-hook-configure' \
	  '$(DESTDIR)$(libexecdir)/oci/oci-systemd-base-spec' '$(DESTDIR)$(mandir)/man8/oci-systemd-hook.8' \
	  '$(DESTDIR)$(mandir)/man5/oci-systemd-hook.json.5' '$(DESTDIR)$(bashcompletiondir)/oci-systemd-hook' \
	  '$(DESTDIR)$(zshcompletiondir)/_oci-systemd-hook' '$(DESTDIR)$(fishcompletiondir)/oci-systemd-hook.fish'
	rm -f '$(DESTDIR)$(catalog)' '$(DESTDIR)$(datadir)/oci-systemd-hook/systemd-hook.json' '$(DESTDIR)$(datadir)/oci-systemd-hook/cdi.json' '$(DESTDIR)$(program)'

# The same bytes from a checkout and from its own tarball: names sorted, one time, one owner.
release = oci-systemd-hook-$(VERSION)
dist: ## a tarball of what is committed, or of the tarball's own tree, with its checksum
	@rm -rf '$(B)/dist' && mkdir -p '$(B)/dist/$(release)'
	@if test -e .git; then git archive HEAD; else tar -c --exclude='./$(B)' --exclude='./build*' .; fi | \
	  tar -x -C '$(B)/dist/$(release)'
	@stamp=$${SOURCE_DATE_EPOCH:-$$(if test -e .git; then git log -1 --format=%ct; else stat -c %Y Makefile; fi)} && \
	tar -c -C '$(B)/dist' --format=ustar --sort=name --mtime="@$$stamp" --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX \
	  '$(release)' | gzip -9n >'$(B)/$(release).tar.gz'
	@rm -rf '$(B)/dist'
	@cd '$(B)' && sha256sum '$(release).tar.gz' >'$(release).tar.gz.sha256' && cat '$(release).tar.gz.sha256'
deb: dist ## Debian packages, as a user and without network, to build/packages/
	tests/packaging/build deb '$(B)/$(release).tar.gz' '$(B)/packages'
rpm: dist ## RPM packages, likewise
	tests/packaging/build rpm '$(B)/$(release).tar.gz' '$(B)/packages'
check-contrib: all ## the scripts of contrib/: the Docker runtime, oci-systemd-hook-configure, what is installed
	tests/contrib/run
check-packages: ## packages built, linted, installed, booted with and removed, in trees of Debian (root)
	tests/packaging/run
check-first-hour: ## from the built package by the README's words to a booted container, and eight breakages on purpose (root; 20 minutes)
	tests/first-hour/run
check-clients: all ## compose, the API, Podman YAML and other clients with real engines (root)
	tests/clients/run
.PHONY: install install-cdi install-docker uninstall dist deb rpm check-contrib check-packages check-first-hour check-clients
