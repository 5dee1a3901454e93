/* The session layer: makes a bare handle safe. Pure logic, simulated like the rest.
 *
 * - Each reply is DONE, REFUSED or UNKNOWN, by the class of its code (model/base/error.h).
 * - If the outcome of a request is unknown, or the server is too busy, although the connection
 *   lives, the role gets DOWN, and UP behind a barrier after a pause: no request overtakes another.
 * - Each request of the role gets exactly one reply, also if a closing handle loses it (S84).
 * - UP follows a sync, so the role can resolve unknown outcomes by reading (PROTOCOL rule 2).
 * - The lease counts only requests that the leader acknowledged, from the time they were sent
 *   (PROTOCOL rule 5, S80).
 * - Requests that a server would answer by cutting the connection are refused here (S35, S44).
 * - Watches stay within a byte budget (S59, hazard 17).
 * - After the end of a session every event of an older handle is ignored (hazard 14).
 * - A session is given up only after EXPIRED or an acknowledged close (PROTOCOL rule 10). */
#ifndef ROTA_MODEL_SEAM_SESSION_H
#define ROTA_MODEL_SEAM_SESSION_H

#include "model/base/map.h"
#include "model/base/pool.h"
#include "model/base/slab.h"
#include "model/seam/event.h"
#include "model/seam/outbox.h"

struct rota_session_config {
    uint32_t connect_timeout_ms; /* FAILED if the first UP takes longer; 0: never */
    uint32_t chroot_length;      /* bytes that the chroot adds to every path */
    uint32_t watch_budget;       /* bytes of watched paths; 0: the default of 768 KiB */
    bool lease;                  /* keep a lease: send a sync if no other request renews it */
};

enum rota_session_phase {
    ROTA_PHASE_IDLE,     /* before the first handle, or in a pause before the next one */
    ROTA_PHASE_OPENING,  /* a handle is open and has not connected yet */
    ROTA_PHASE_BARRIER,  /* connected; the sync before UP has no reply yet */
    ROTA_PHASE_UP,       /* the role may send requests */
    ROTA_PHASE_DOWN,     /* disconnected; the session may still live */
    ROTA_PHASE_CLOSING,  /* CLOSE was sent */
    ROTA_PHASE_TAKEOVER, /* no server acknowledged the close: a new handle takes the session over to
                            close it */
    ROTA_PHASE_GONE,     /* closed; nothing follows */
};

/* Events that the role is to receive next, in this order. */
enum rota_session_due {
    ROTA_DUE_DOWN = 1u << 0,
    ROTA_DUE_DRAIN = 1u << 1, /* a reply UNKNOWN to each outstanding request */
    ROTA_DUE_LOST = 1u << 2,
    ROTA_DUE_FAILED = 1u << 3,
    ROTA_DUE_UP = 1u << 4,
    ROTA_DUE_LEASE = 1u << 5,
};

struct rota_session {
    struct rota_session_config config;
    enum rota_session_phase phase;
    uint32_t due;     /* set of enum rota_session_due */
    uint32_t handle;  /* number of the current handle */
    bool established; /* the role has received UP in this session, and LOST not yet */
    bool up;          /* the role may send */
    bool leaving;     /* no new session after the close */
    bool sync_pending;
    int32_t failed_rc;
    int32_t barrier_rc;  /* the last refusal of a barrier; 0: none */
    int32_t down_rc;     /* why DOWN is due although the connection lives; 0: it was lost */
    uint32_t timeout_ms; /* as negotiated */
    struct rota_client_id client_id;
    rota_time began;    /* when the first handle was opened; ROTA_NEVER after the first UP */
    rota_time retry_at; /* IDLE: when to open the next handle; BARRIER: when to send the sync */
    rota_time pause;    /* the length of the next pause; 0: none was needed yet */
    rota_time paused_at;
    enum rota_lease lease;
    rota_time lease_base;     /* when the last request was sent that the leader acknowledged */
    rota_time lease_reported; /* `until` of the last LEASE event */
    rota_time sync_sent;
    uint64_t syncs;          /* sent, over all handles */
    uint32_t generation;     /* counts requests: a late reply to a reused slot is recognised */
    uint32_t outstanding;    /* requests without a reply */
    uint32_t oldest, newest; /* outstanding slots in the order of sending, as index + 1 */
    uint32_t refusals;       /* first slot of a request to be answered here, as index + 1 */
    struct rota_slab slots;
    struct rota_map watches; /* kind and path of each watch at the server */
    uint32_t watch_bytes;
};

/* Initialises; `config` is copied. The first action is rota_session_begin's. */
void rota_session_init(struct rota_session *s, const struct rota_session_config *config);

/* Opens the first handle; called once. Here and below, OPEN and REQUEST actions for the handle are
 * appended to `out`. The driver reports the number of an opened handle by rota_session_opened. */
void rota_session_begin(struct rota_session *s, rota_time now, struct rota_outbox *out);

/* Reports the number of the handle that an OPEN action opened. */
void rota_session_opened(struct rota_session *s, uint32_t handle);

/* Handles an event of the handle. Returns true if `to_role` was filled with an event for the role,
 * which borrows from `event` and `out`. Whatever it returns, the caller then calls
 * rota_session_next until that returns false. */
bool rota_session_receive(struct rota_session *s, struct rota_pool *mem,
                          const struct rota_handle_event *event, rota_time now,
                          struct rota_event *to_role, struct rota_outbox *out);

/* Fills `to_role` with the next event that is due to the role besides direct replies; false if
 * there is none. The body of a REPLY is written to `*body`. */
bool rota_session_next(struct rota_session *s, struct rota_pool *mem, rota_time now,
                       struct rota_event *to_role, struct rota_reply *body);

/* Sends a request of the role, between UP and the next DOWN or LOST. */
void rota_session_send(struct rota_session *s, struct rota_pool *mem,
                       const struct rota_request *request, rota_time now, struct rota_outbox *out);

/* Ends this session for certain and begins a new one (PROTOCOL rule 10). The lease counts on until
 * LOST, because the session lives until a server has closed it: a LEASE that is due follows DOWN.
 */
void rota_session_restart(struct rota_session *s, struct rota_outbox *out);

/* Ends this session and the handle; the phase becomes GONE when that is done. */
void rota_session_leave(struct rota_session *s, struct rota_outbox *out);

/* Handles the passing of time: the lease, the first connection, the next try. */
void rota_session_tick(struct rota_session *s, rota_time now, struct rota_outbox *out);

/* When rota_session_tick is to be called next; ROTA_NEVER if no event is waited for. */
rota_time rota_session_deadline(const struct rota_session *s);

/* Bytes of watched paths at the server. */
uint32_t rota_session_watch_bytes(const struct rota_session *s);

/* Asserts what holds between steps. Takes constant time: a long queue is checked at its ends. */
void rota_session_check(const struct rota_session *s, const struct rota_pool *mem);

#endif
