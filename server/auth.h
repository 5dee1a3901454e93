/* The identities of a connection, and what an access list permits them. The schemes are world,
 * auth, digest and ip; every connection comes from 127.0.0.1. */
#ifndef ROTA_SERVER_AUTH_H
#define ROTA_SERVER_AUTH_H

#include "server/tree.h"

/* The identities that a connection has proved, in the tree's pool. Zeroed memory holds none. */
struct rota_identities {
    struct rota_array names; /* rota_ref: texts such as "user:base64", all of scheme digest */
};

/* Identities on their way to another server: texts one after the other, each with its NUL. */
struct rota_identity_list {
    uint32_t count;
    char texts[];
};

/* Adds the identity that these credentials prove. Scheme digest takes any bytes, of which those
 * before a colon are the user name; scheme ip adds none. AUTH_FAILED for other schemes (S88). */
int32_t rota_auth_add(struct rota_tree *t, struct rota_identities *identities, const char *scheme,
                      struct rota_bytes credentials);

/* Removes all identities. */
void rota_auth_clear(struct rota_tree *t, struct rota_identities *identities);

/* Copies identities out of their tree, to be freed with free(); NULL if there are none. */
struct rota_identity_list *rota_auth_export(const struct rota_tree *t,
                                            const struct rota_identities *identities);

/* Adds the identities of a list, which may be NULL. */
void rota_auth_import(struct rota_tree *t, struct rota_identities *identities,
                      const struct rota_identity_list *list);

/* Whether an access list gives one of these permissions. `identities` may be NULL. */
bool rota_auth_permits(const struct rota_tree *t, uint32_t acl, uint32_t perms,
                       const struct rota_identities *identities);

/* Checks the access list of a request, replaces "auth" by the client's identities, and stores it:
 * its index goes to `index`. NULL means world:anyone:cdrwa. INVALID_ACL if it is empty or has an
 * impossible scheme or id (S29). */
int32_t rota_auth_resolve(struct rota_tree *t, const struct rota_identities *identities,
                          const struct rota_acl *acl, uint32_t count, uint32_t *index);

#endif
