/* The server list: what a person writes, and what the client library gets. */
#ifndef ROTA_BACKEND_ZK_HOSTS_H
#define ROTA_BACKEND_ZK_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

/* Splits a connect string "host:port,host:port/chroot" before the first "/". The chroot is "" if
 * there is none or if it is "/". False if one of the two does not fit. */
bool rota_zk_split(const char *connect, char *hosts, size_t hosts_size, char *chroot,
                   size_t chroot_size);

/* Looks every host of a connect string up, once, and writes a connect string of numeric addresses,
 * since the client library looks names up again and again on its own thread (S90). A port that is
 * left out is 2181. Returns the list, freed by the caller; NULL if it cannot be used, with a
 * sentence in `reason` (S83). */
char *rota_zk_resolve(const char *connect, char *reason, size_t reason_size);

#endif
