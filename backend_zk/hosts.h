/* The server list, from the form that a person writes to the form that the client library gets. */
#ifndef ROTA_BACKEND_ZK_HOSTS_H
#define ROTA_BACKEND_ZK_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

/* Splits a connect string "host:port,host:port/chroot" before the first "/". The chroot is "" if
 * there is none or if it is "/". False if one of the two does not fit. */
bool rota_zk_split(const char *connect, char *hosts, size_t hosts_size, char *chroot,
                   size_t chroot_size);

/* Looks up every host of a connect string and writes a connect string of numeric addresses: the
 * client library would repeat the lookup, on its own thread, at every attempt to connect (S90). The
 * default port is 2181. Returns the list, freed by the caller. Returns NULL if the list is not
 * usable; `reason` then has a sentence (S83). */
char *rota_zk_resolve(const char *connect, char *reason, size_t reason_size);

#endif
