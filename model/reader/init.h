/* The reader's init: creates the tree and the chroot, and writes the bound on the number of tasks.
 * If an access list forbids a create, it asks whether the tree exists already. */
#ifndef ROTA_MODEL_READER_INIT_H
#define ROTA_MODEL_READER_INIT_H

#include "model/reader/reader_context.h"

/* Sends the creates. */
void rota_reader_init_begin(struct rota_reader_context *s);

/* Takes in a reply. After the last one, sends what is next, or exits. */
void rota_reader_init_replied(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                              const struct rota_reply *r);

#endif
