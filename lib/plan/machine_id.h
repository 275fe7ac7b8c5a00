/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A machine-id (machine-id(5)) that is the same at every start of a container: of an id that begins with 32
 * hex digits those, as Podman and Docker's users know them; else a hash of it, in the form of a random UUID.
 */
void machine_id_derive(const char *container_id, char ret_machine_id[33]);

/* "4c616256-4d00-4000-8000-000000000001", as container-uuid wants it. */
void machine_id_as_uuid(const char machine_id[33], char ret_uuid[37]);
