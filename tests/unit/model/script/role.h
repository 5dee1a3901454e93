/* Step tests of a role: the commands of a file are the events that the role receives, the trace is
 * its actions.
 *
 *     new id=m1               configures the role; optional
 *     up session=7            a new session; `up session=7 again`: the same session is resumed
 *     down · lost · failed CODE · stop · close_input
 *     REQUEST -> REPLY        replies to the oldest request that matches (wording.h)
 *     all -> REPLY            replies to every outstanding request
 *     watch changed PATH      also created, deleted, child
 *     lease low until=12s     also good, over
 *     wait 5s                 time passes; the role receives TICK if its time has come
 *     tick                    time passes until the role's next TICK
 *     finished RUN success "output"
 *     finished RUN failure "reason" "output" "errors" status=N
 *     finished RUN stopped
 *     progress RUN "line"
 *     submit JOB [name=N] [refusal=WHY] "payload" · want JOB NAME · collect JOB
 *
 * After each step the role is checked and replaced by a copy: its state is plain data. */
#ifndef ROTA_TESTS_UNIT_MODEL_SCRIPT_ROLE_H
#define ROTA_TESTS_UNIT_MODEL_SCRIPT_ROLE_H

#include "model/base/pool.h"
#include "tests/unit/model/script/script.h"

struct role {
    size_t size;
    void (*init)(void *state, const struct script_line *config);
    void (*step)(void *state, struct rota_pool *mem, const struct rota_event *event,
                 struct rota_outbox *out);
    void (*check)(const void *state, const struct rota_pool *mem);
};

/* Fills in the event of a command; false if the command is no event. */
bool role_event(struct rota_event *e, const struct script_line *l);

/* Runs a file of step tests against a role. Returns an exit status. */
int role_main(const char *path, const struct role *role);

/* Copies a text into a field of fixed size in a configuration. */
void role_text(char *field, size_t size, const char *text);

#endif
