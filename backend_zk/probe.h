/* Finds out why no session comes up with a server, by connections of its own. */
#ifndef ROTA_BACKEND_ZK_PROBE_H
#define ROTA_BACKEND_ZK_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Asks the server at a numeric address "127.0.0.1:2181" or "::1:2181" for its state, and writes
 * what is wrong with it, such as "127.0.0.1:2181 refuses connections: ...", to `text`. Takes at
 * most about four times `patience_ms`. */
void rota_zk_probe(const char *address, uint32_t patience_ms, char *text, size_t size);

#endif
