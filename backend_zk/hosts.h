/* The server list, from the form that a person writes to the form that the client library gets. */
#ifndef ROTA_BACKEND_ZK_HOSTS_H
#define ROTA_BACKEND_ZK_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addrinfo;

/* Looks up a name, as getaddrinfo does; what it finds is freed by freeaddrinfo. It may block. */
typedef int (*rota_zk_lookup_f)(const char *host, const char *port, const struct addrinfo *hints,
                                struct addrinfo **found);

/* Splits a connect string "host:port,host:port/chroot" before the first "/", and removes blanks
 * around the hosts, a comma after the last one, and the chroot "/", which is none. The chroot is ""
 * if there is none. False if one of the two does not fit. The string is not checked. */
bool rota_zk_split(const char *connect, char *hosts, size_t hosts_size, char *chroot,
                   size_t chroot_size);

/* The bytes that the chroot of a connect string puts before every path. */
uint32_t rota_zk_hosts_chroot_length(const char *connect);

/* Whether the connect string is well-formed; if not, `reason` gets a sentence. No name is looked
 * up. */
bool rota_zk_hosts_check(const char *connect, char *reason, size_t reason_size);

/* Whether a name in the connect string has to be looked up, because it is no numeric address. */
bool rota_zk_hosts_named(const char *connect);

/* Looks up every host of a connect string and writes a connect string of numeric addresses, each
 * once: the client library would repeat the lookup, on its own thread, at every attempt to connect
 * (S90). The default port is 2181. A name that is not found is left out while another one is found.
 * Returns the list, freed by the caller. Returns NULL if the list is not usable; `reason` then has
 * a sentence (S83). */
char *rota_zk_resolve(const char *connect, char *reason, size_t reason_size);

/* The same with another function for looking up; NULL means getaddrinfo. */
char *rota_zk_resolve_by(const char *connect, rota_zk_lookup_f lookup, char *reason,
                         size_t reason_size);

/* Returns the resolved connect string in a form for the library: with an odd number of addresses,
 * one of them, drawn by `random`, twice if need be. After a failure the library goes on by two
 * places, so of an even number it would never try one half (S80). Freed by the caller. */
char *rota_zk_hosts_odd(const char *resolved, unsigned random);

#endif
