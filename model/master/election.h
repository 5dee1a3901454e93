/* The election: taking the lock and the epoch, standing by, and giving the lock back
 * (docs/PROTOCOL.md, "Electing a master"). */
#ifndef ROTA_MODEL_MASTER_ELECTION_H
#define ROTA_MODEL_MASTER_ELECTION_H

#include "model/master/belief.h"

/* Reads the lock, and goes on from what it shows. */
void rota_master_election_begin(struct rota_master_context *s);

/* Takes in the replies to the requests of an election. */
void rota_master_election_lock_read(struct rota_master_context *s, const struct rota_reply *r);
void rota_master_election_epoch_read(struct rota_master_context *s, const struct rota_reply *r);
void rota_master_election_tree_created(struct rota_master_context *s, const struct rota_reply *r);
void rota_master_election_replied(struct rota_master_context *s, const struct rota_event *e);

/* The fence refused a write with that error: this master no longer leads. */
void rota_master_election_depose(struct rota_master_context *s, int32_t rc);

/* Deletes the lock of a master that leads; its process ends with the reply. */
void rota_master_election_hand_over(struct rota_master_context *s);

#endif
