/* The fence: every multi that a leading master writes checks /epoch first, so that the writes of a
 * deposed master are refused (hazard 1). /master is no fence, because its version begins anew with
 * each lock (hazard 2). */
#ifndef ROTA_MODEL_MASTER_FENCE_H
#define ROTA_MODEL_MASTER_FENCE_H

#include "model/master/belief.h"

/* Appends a multi of `count` operations. The first checks the epoch; the caller fills the rest. */
struct rota_operation *rota_fence_multi(struct rota_master_context *s,
                                        enum rota_master_purpose purpose, uint32_t index,
                                        uint32_t count);

/* True if the reply to a multi says that its check of the epoch was refused. */
bool rota_fence_refused(const struct rota_event *e);

#endif
