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
#ifndef ROTA_MODEL_SESSION_H
#define ROTA_MODEL_SESSION_H

#include "model/event.h"
#include "model/map.h"
#include "model/pool.h"

struct rota_session_config {
    uint32_t connect_timeout_ms; /* give up if no first UP comes in this time; 0: never */
    uint32_t chroot_length;      /* bytes the chroot adds to every path */
    uint32_t watch_budget;       /* bytes of watched paths; 0 means the default of 768 KiB */
    bool lease;                  /* keep a lease: send a sync when nothing else was acknowledged */
};

enum rota_session_phase {
    ROTA_PHASE_OPENING,   /* a handle is open and has not connected yet */
    ROTA_PHASE_BARRIER,   /* connected, the sync is under way */
    ROTA_PHASE_UP,
    ROTA_PHASE_DOWN,      /* disconnected, the session may live */
    ROTA_PHASE_CLOSING,   /* close was asked for */
    ROTA_PHASE_TAKEOVER,  /* a close was not acknowledged: the session is taken over to be closed */
    ROTA_PHASE_GONE,      /* closed for good */
};

struct rota_session {
    struct rota_session_config config;
    enum rota_session_phase phase;
    uint32_t handle;
    struct rota_client_id client_id;
    uint32_t timeout_ms;
    bool fresh;         /* the role has not heard of this session yet */
    bool announced;     /* the role believes in a session */
    bool leaving;       /* after the close nothing follows */
    bool sync_pending;
    bool told_up;
    uint32_t failing;   /* outstanding requests still to be answered by us: 1 while draining */
    int32_t failed_rc;
    bool queued_down, queued_lost, queued_failed, queued_up, queued_lease, queued_reply, queued_watch;
    enum rota_lease lease;
    rota_time lease_base;  /* sending time of the last request the leader acknowledged */
    rota_time sync_sent;
    rota_time opened;      /* when the first open began */
    rota_time wake;
    struct rota_array slots;  /* struct rota_pending */
    uint32_t free_slot, oldest, newest, outstanding;
    struct rota_map watches;  /* path and kind of watch -> present */
    uint32_t watch_bytes;
    uint32_t generation;
};

#endif
