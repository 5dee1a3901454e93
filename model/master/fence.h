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

/* Appends such a multi that is about one incarnation of a worker. The second operation checks the
 * version of /assign. The version of /assign/<w> alone names no incarnation: a worker that
 * deregisters deletes that znode, and the next one of its name makes it anew, in version 0. In the
 * same multi it raises the version of /assign (rule 14). */
struct rota_operation *rota_fence_worker_multi(struct rota_master_context *s,
                                               enum rota_master_purpose purpose, uint32_t worker,
                                               uint32_t count);

/* True if the reply to a multi says that its check of the epoch was refused. */
bool rota_fence_refused(const struct rota_event *e);

/* True if the reply says that the check of /assign was refused, because a worker has deregistered
 * since it was listed. It is listed again; assign_stale is set until then. */
bool rota_fence_worker_refused(struct rota_master_context *s, const struct rota_event *e);

#endif
