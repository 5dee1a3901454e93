/* A probe: one handle of backend_zk on a real server, and the last event that it reported. If an
 * event that a function waits for does not arrive in time, the cmocka test fails. */
#ifndef ROTA_TESTS_LIVE_PROBE_H
#define ROTA_TESTS_LIVE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "backend_zk/hosts.h"
#include "model/seam/backend.h"

struct probe {
    struct rota_backend *backend; /* NULL: not open */
    int wakeup;                   /* an eventfd: there may be an event */
    struct rota_handle_event event;
};

/* Makes the backend; the test opens its handle. */
void probe_make(struct probe *p, const char *hosts, uint32_t session_ms);

/* The same, with another function for looking up names. */
void probe_make_by(struct probe *p, const char *hosts, uint32_t session_ms,
                   rota_zk_lookup_f lookup);

/* Makes the backend, opens its handle and waits for the connection: with a new session, or with
 * `take_over`. */
void probe_connect(struct probe *p, const char *hosts, uint32_t session_ms,
                   const struct rota_client_id *take_over);

/* Destroys the backend. */
void probe_end(struct probe *p);

/* Waits for the next event, at most that long. False if none arrived. */
bool probe_wait(struct probe *p, int timeout_ms);

/* Waits for the next event. */
void probe_next(struct probe *p);

/* Waits until the session is in that state; earlier events are ignored. */
void probe_await(struct probe *p, enum rota_session_state state);

/* Sends a request under that tag. */
void probe_send(struct probe *p, uint64_t tag, struct rota_operation o);

/* Sends a request and waits for its reply; earlier events are ignored. Returns the reply's code. */
int32_t probe_ask(struct probe *p, struct rota_operation o);

/* Requests the end of the session. */
void probe_close(struct probe *p);

#endif
