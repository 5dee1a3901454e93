/* Requests, replies and actions as text, for step tests. */
#ifndef ROTA_TESTS_UNIT_MODEL_SCRIPT_WORDING_H
#define ROTA_TESTS_UNIT_MODEL_SCRIPT_WORDING_H

#include "model/seam/event.h"
#include "tests/unit/model/script/script.h"

/* `multi { check /epoch 3; create -e /master "m1 h:1"; set /epoch "" 3 }`. With `whole` false, long
 * data and long multis are shortened. */
void wording_request(struct script_text *t, const struct rota_request *r, bool whole);

/* One line: a request, `note ...`, `run ...`, `exit ...` and so on. */
void wording_action(struct script_text *t, const struct rota_action *a);

/* Bytes in quotes, shortened if they are many. */
void wording_bytes(struct script_text *t, struct rota_bytes b);

/* The request in the words from `from` on, its paths and data in the memory of the line. */
struct rota_request wording_to_request(const struct script_line *l, uint32_t from);

/* A request without a reply, as far as a reply needs it. */
struct wording_outstanding {
    uint64_t tag;
    enum rota_op op;
    char *text;         /* the whole request */
    const char **paths; /* of the operations of a multi */
    uint32_t count;
};
struct wording_outstanding wording_outstanding_open(const struct rota_request *r);
void wording_outstanding_close(struct wording_outstanding *a);

/* True if the request begins with the first word of `pattern` and contains its other words. */
bool wording_matches(const char *pattern, const struct wording_outstanding *a);

/* The reply in the words from `from` on:
 *   ok [names] "data" czxid=5 mzxid=5 version=1 owner=7 children=1 length=3 path=/a
 *   unknown          (or the name of one of its codes)
 *   BAD_VERSION      of a multi: `at PATH` or `at INDEX` says which operation was refused
 * Its memory belongs to `o`. */
struct rota_reply *wording_to_reply(const struct script_line *l, uint32_t from,
                                    const struct wording_outstanding *a, struct rota_outbox *o,
                                    enum rota_outcome *outcome);

/* A change of the session: `connected session=7 timeout=10s`, `disconnected`, `expired`,
 * `auth_failed`, `unreachable`, `closed`, `closed acknowledged`. False if it is none of these. */
bool wording_to_session(const struct script_line *l, struct rota_handle_event *e);

#endif
