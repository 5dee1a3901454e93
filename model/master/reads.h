/* Reads of single tasks under way: counted, and bounded in number and in bytes. */
#ifndef ROTA_MODEL_MASTER_READS_H
#define ROTA_MODEL_MASTER_READS_H

#include "model/master/belief.h"

/* Sends a read of one of the task's znodes. */
void rota_reads_add(struct rota_master_context *s, enum rota_master_purpose purpose, uint32_t task,
                    enum rota_op op, const char *path);

/* Counts the reply to such a read. */
void rota_reads_replied(struct rota_master_context *s, enum rota_master_purpose purpose,
                        uint32_t task);

/* Notes the size of a payload or status that was read. */
void rota_reads_note_size(struct rota_master_context *s, int32_t bytes);

/* True if another task may be read now. Fewer are read at once while payloads are large, because
 * all replies may come together. */
bool rota_reads_allowed(const struct rota_master_context *s);

#endif
