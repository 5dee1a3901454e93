/* The effects of a transaction on the tree, once it is validated: each is a step, which can be
 * undone. Private to the server room. */
#ifndef ROTA_SERVER_EFFECTS_H
#define ROTA_SERVER_EFFECTS_H

#include "server/server_state.h"

/* Step `i` of the transaction under way; valid until the next step is added. */
struct rota_transaction_step *rota_effects_step(const struct rota_server *s, uint32_t i);

/* Adds a step that changes nothing yet. */
struct rota_transaction_step *rota_effects_add(struct rota_server *s, enum rota_op op,
                                               rota_ref node);

/* Creates a znode. `acl` is the index of its access list. */
rota_ref rota_effects_create(struct rota_server *s, rota_ref parent, const char *path,
                             struct rota_bytes data, uint32_t acl, enum rota_node_kind kind,
                             int64_t owner);

/* Deletes a znode; its memory is kept until the transaction ends. */
void rota_effects_delete(struct rota_server *s, rota_ref node);

/* Sets the data, or the access list, of a znode. */
void rota_effects_set(struct rota_server *s, rota_ref node, struct rota_bytes data);
void rota_effects_set_acl(struct rota_server *s, rota_ref node, uint32_t acl);

/* Undoes all steps, the last one first. */
void rota_effects_roll_back(struct rota_server *s);

/* Asserts that the lists of ephemerals and of reapable znodes are whole. Takes time proportional to
 * the number of sessions and of these znodes. */
void rota_effects_check(const struct rota_server *s);

#endif
