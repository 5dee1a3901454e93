/* The session layer: makes a bare handle safe. Pure logic, simulated like the rest.
 *
 * - A reply is DONE, REFUSED or UNKNOWN; -4, -7 and -116 are unknown (S77, S84).
 * - Every request of the role is answered exactly once, also those a closing handle loses (S84).
 * - UP comes behind a sync: unknown outcomes can be resolved by reading (rule 2).
 * - The lease counts only what the leader acknowledged, timed from sending (rule 5, S80).
 * - Requests that a server would answer by cutting the connection are refused here (S35, S44).
 * - Watches stay within a byte budget (S59, hazard 17).
 * - After the end of a session everything older than it is ignored (hazard 14).
 * - A session is given up only after EXPIRED or an acknowledged close (rule 10). */
#ifndef ROTA_MODEL_SEAM_SESSION_H
#define ROTA_MODEL_SEAM_SESSION_H

#include "model/seam/event.h"
#include "model/base/map.h"
#include "model/seam/outbox.h"
#include "model/base/pool.h"

struct rota_session_config {
    uint32_t connect_timeout_ms; /* give up if no first UP comes in this time; 0: never */
    uint32_t chroot_length;      /* bytes the chroot adds to every path */
    uint32_t watch_budget;       /* bytes of watched paths; 0 means the default of 768 KiB */
    bool lease;                  /* keep a lease: send a sync when nothing else was acknowledged */
};

enum rota_session_phase {
    ROTA_PHASE_IDLE,     /* nothing begun, or a pause before the next try */
    ROTA_PHASE_OPENING,  /* a handle is open and has not connected yet */
    ROTA_PHASE_BARRIER,  /* connected, the sync before UP is under way */
    ROTA_PHASE_UP,       /* requests flow */
    ROTA_PHASE_DOWN,     /* disconnected, the session may live */
    ROTA_PHASE_CLOSING,  /* CLOSE was sent */
    ROTA_PHASE_TAKEOVER, /* a close was not acknowledged: the session is taken over to be closed */
    ROTA_PHASE_GONE,     /* closed for good */
};

/* What the role is still to be told, in this order. */
enum rota_session_news {
    ROTA_NEWS_DOWN = 1u << 0,
    ROTA_NEWS_DRAIN = 1u << 1, /* outstanding requests, each answered UNKNOWN */
    ROTA_NEWS_LOST = 1u << 2,
    ROTA_NEWS_FAILED = 1u << 3,
    ROTA_NEWS_UP = 1u << 4,
    ROTA_NEWS_LEASE = 1u << 5,
};

struct rota_session {
    struct rota_session_config config;
    enum rota_session_phase phase;
    uint32_t news;   /* enum rota_session_news */
    uint32_t handle; /* number of the current handle */
    bool believed;   /* the role has been told UP in this session and not LOST */
    bool up;         /* the role may send */
    bool leaving;    /* after the close nothing follows */
    bool sync_pending;
    int32_t failed_rc;
    uint32_t timeout_ms; /* as negotiated */
    struct rota_client_id client_id;
    rota_time began;    /* when the first open began; ROTA_NEVER once there was an UP */
    rota_time retry_at; /* IDLE: when to open again */
    enum rota_lease lease;
    rota_time lease_base; /* sending time of the last request the leader acknowledged */
    rota_time lease_told; /* the `until` of the last LEASE event */
    rota_time sync_sent;
    uint64_t syncs;      /* sent, counted over all handles */
    uint32_t generation; /* of handle tags: replies to forgotten requests are recognised by it */
    uint32_t outstanding;
    uint32_t oldest, newest; /* outstanding slots in order of sending, as index + 1 */
    uint32_t refusals;       /* refused here, to be told first: slot index + 1 of the first */
    uint32_t free_slot;      /* index + 1 */
    struct rota_array slots;
    struct rota_map watches; /* kind and path of each watch that is out */
    uint32_t watch_bytes;
};

/* Initialises. Nothing happens before rota_session_begin. */
void rota_session_init(struct rota_session *s, const struct rota_session_config *config);

/* Opens the first handle. Actions OPEN and REQUEST for the handle are appended to `out`, here and
 * below; the driver tells the handle's number by rota_session_opened. */
void rota_session_begin(struct rota_session *s, rota_time now, struct rota_outbox *out);

/* Says which handle an OPEN action opened. */
void rota_session_opened(struct rota_session *s, uint32_t handle);

/* Takes in what the handle reports. Returns true if `told` was filled with an event for the role.
 * Then, and in any case, rota_session_next is to be called until it returns false. */
bool rota_session_hear(struct rota_session *s, struct rota_pool *mem,
                       const struct rota_handle_event *event, rota_time now,
                       struct rota_event *told, struct rota_outbox *out);

/* The next thing the role has to be told that is not a direct answer. A REPLY's body is filled in
 * `*body`. */
bool rota_session_next(struct rota_session *s, struct rota_pool *mem, rota_time now,
                       struct rota_event *told, struct rota_reply *body);

/* Sends a request of the role, which must have been told UP. */
void rota_session_send(struct rota_session *s, struct rota_pool *mem,
                       const struct rota_request *request, rota_time now, struct rota_outbox *out);

/* Ends this session for certain and begins a new one (rule 10). */
void rota_session_restart(struct rota_session *s, struct rota_outbox *out);

/* Ends this session and the handle; the phase becomes GONE when that is done. */
void rota_session_leave(struct rota_session *s, struct rota_outbox *out);

/* Time has passed: the lease, the first connection, the next try. */
void rota_session_tick(struct rota_session *s, rota_time now, struct rota_outbox *out);

/* When rota_session_tick wants to be called. */
rota_time rota_session_deadline(const struct rota_session *s);

/* Bytes of watched paths that are out. */
uint32_t rota_session_watch_bytes(const struct rota_session *s);

/* Checks what must always hold. */
void rota_session_check(const struct rota_session *s);

#endif
