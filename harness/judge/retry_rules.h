/* bounded-tries, and that a process acts in one session at a time (one-writer). */
#ifndef ROTA_HARNESS_JUDGE_RETRY_RULES_H
#define ROTA_HARNESS_JUDGE_RETRY_RULES_H

#include "harness/judge/judge_state.h"

/* The server has refused a request of this process. */
void rota_retry_rules_refused(struct rota_judge *j, uint32_t who, const struct rota_request *r,
                              int32_t rc);

/* The process gave up its session. */
void rota_retry_rules_session_dropped(struct rota_judge *j, uint32_t who);

/* From now on the process acts in this session. */
void rota_retry_rules_connected(struct rota_judge *j, uint32_t who, int64_t session);

#endif
