/* Who a connection is, and what an access list lets it do. Schemes: world, auth, digest, ip; every
 * connection comes from 127.0.0.1. */
#ifndef ROTA_SERVER_AUTH_H
#define ROTA_SERVER_AUTH_H

#include "server/tree.h"

/* The identities of a connection, in the tree's pool. Zeroed memory is nobody in particular. */
struct rota_identities {
    struct rota_array names; /* rota_ref: texts such as "user:base64", all of scheme digest */
};

/* Adds what these credentials prove: digest with any bytes, of which those before a colon are the
 * name; ip with whatever is said. AUTH_FAILED for other schemes (S88). */
int32_t rota_auth_add(struct rota_tree *t, struct rota_identities *who, const char *scheme,
                      struct rota_bytes credentials);

/* Forgets everything. */
void rota_auth_clear(struct rota_tree *t, struct rota_identities *who);

/* Identities on their way to another server: texts one behind the other. */
struct rota_proof {
    uint32_t count;
    char texts[];
};

/* Copies identities out of their tree; NULL if they are nobody's in particular. To be freed. */
struct rota_proof *rota_auth_prove(const struct rota_tree *t, const struct rota_identities *who);

/* Adds the identities of a proof, which may be NULL. */
void rota_auth_believe(struct rota_tree *t, struct rota_identities *who,
                       const struct rota_proof *proof);

/* Whether an access list grants one of these permissions; `who` may be NULL. */
bool rota_auth_permits(const struct rota_tree *t, uint32_t acl, uint32_t perms,
                       const struct rota_identities *who);

/* Checks the access list a client sent, puts its identities in the place of "auth", and stores it:
 * its index goes to `index`. NULL means world:anyone:cdrwa. INVALID_ACL if it is empty or names a
 * scheme or an id that cannot be (S29). */
int32_t rota_auth_resolve(struct rota_tree *t, const struct rota_identities *who,
                          const struct rota_acl *acl, uint32_t count, uint32_t *index);

#endif
