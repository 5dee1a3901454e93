/* A probe: one handle of backend_zk on a real server, and the last event it reported. Its functions
 * end the cmocka test that calls them when what they wait for does not come within half a minute.
 */
#ifndef ROTA_TESTS_LIVE_PROBE_H
#define ROTA_TESTS_LIVE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/seam/backend.h"

struct probe {
    struct rota_backend *backend; /* NULL: not made, or ended */
    int bell;                     /* rings when there may be an event */
    struct rota_handle_event event;
};

/* Makes the instance; its handle is opened by its own table. */
void probe_make(struct probe *p, const char *hosts, uint32_t session_ms);

/* Makes, opens and waits until connected: to a new session, or to `take_over`. */
void probe_connect(struct probe *p, const char *hosts, uint32_t session_ms,
                   const struct rota_client_id *take_over);

void probe_end(struct probe *p);

/* Waits for the next event, at most that long. False if there was none. */
bool probe_wait(struct probe *p, int timeout_ms);

/* Waits for the next event. */
void probe_next(struct probe *p);

/* Waits until the session is in that state; what comes before is passed over. */
void probe_await(struct probe *p, enum rota_session_state state);

/* Sends a request under that tag. */
void probe_send(struct probe *p, uint64_t tag, struct rota_operation o);

/* Sends a request and waits for its reply, whose code is returned; what comes before is passed
 * over. */
int32_t probe_ask(struct probe *p, struct rota_operation o);

/* Asks for the end of the session. */
void probe_close(struct probe *p);

#endif
