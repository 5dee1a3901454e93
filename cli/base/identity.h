/* The names that this process gives itself in the tree, made of its host and its process id. */
#ifndef ROTA_CLI_BASE_IDENTITY_H
#define ROTA_CLI_BASE_IDENTITY_H

#include <stddef.h>

/* Writes "HOST PID", the address of a master. */
void rota_identity_master_address(char *text, size_t size);

/* Writes "HOST/PID", the address of a worker. */
void rota_identity_worker_address(char *text, size_t size);

/* Writes "PREFIX-HOST-PID", a name for a process that was given none. */
void rota_identity_name(char *text, size_t size, const char *prefix);

#endif
