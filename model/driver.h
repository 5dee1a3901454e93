/* The driver: the one loop that knows both sides. It takes an event, lets the session layer and the
 * role make their step, and carries out what they ask. Every request of a process leaves through
 * its door, so that is where a test stops a process exactly here.
 *
 * A driver is one process: one handle, one role, one host. Unless the role is bare, a session layer
 * stands between handle and role. It is used from one thread. */
#ifndef ROTA_MODEL_DRIVER_H
#define ROTA_MODEL_DRIVER_H

#include "model/base/pool.h"
#include "model/seam/backend.h"
#include "model/seam/event.h"
#include "model/seam/outbox.h"
#include "model/seam/role.h"
#include "model/seam/session.h"

/* What a process is besides its ZooKeeper handle: the side that runs work, prints, logs and leaves.
 */
struct rota_host;

/* Carries out an action: NOTE, RUN, CANCEL, LEASE, NAMED, RESULT, COLLECTED, PROGRESS, ROW, EXIT
 * (when the session has been closed). Everything it points to is borrowed for the call. It may
 * queue events for rota_driver_tell, but not call it. Mandatory. */
typedef void (*rota_host_act_f)(struct rota_host *h, const struct rota_action *action);

/* The door: asked before a request leaves. False stops the process here: the request does not
 * leave, and the driver does nothing more until it is closed. Optional. */
typedef bool (*rota_host_door_f)(struct rota_host *h, const struct rota_request *request);

struct rota_host_ops {
    rota_host_act_f act;
    rota_host_door_f door;
};

/* The head of every host. */
struct rota_host {
    const struct rota_host_ops *ops;
};

struct rota_driver_config {
    const struct rota_role *role; /* borrowed; mandatory */
    const void *config;           /* the role's, of role->config_size bytes */
    struct rota_session_config session;
};

struct rota_driver {
    struct rota_backend *backend; /* borrowed */
    struct rota_host *host;       /* borrowed */
    const struct rota_role *role; /* borrowed */
    bool stopped;                 /* the door said no */
    bool leaving;                 /* EXIT was asked for; the session is being closed */
    bool finished;                /* EXIT was carried out */
    enum rota_exit status;
    char sentence[512];
    rota_time wake;  /* when the role or the session wants to be woken */
    uint32_t handle; /* of a bare role: the last one it opened; 0: none */
    struct rota_session session;
    struct rota_pool session_memory;
    struct rota_pool state_memory; /* holds the role's state and nothing else */
    rota_ref state;
    struct rota_pool memory;
    struct rota_outbox outbox;
    struct rota_outbox session_outbox;
};

/* Initialises a process and lets it begin: opens the handle, tells the role START. `config` and
 * what it points to are copied, but for the role's table; that, backend and host are borrowed until
 * close. */
void rota_driver_init(struct rota_driver *d, const struct rota_driver_config *config,
                      struct rota_backend *backend, struct rota_host *host);

/* Tells the process something that does not come from ZooKeeper: STOP, FINISHED, PROGRESS, SUBMIT,
 * WAIT, COLLECT, CLOSE_INPUT. `event->now` is filled in by the driver. */
void rota_driver_tell(struct rota_driver *d, struct rota_event *event);

/* Tells the process what its handle reported. The backend's queue is drained by rota_driver_run; a
 * simulation that delivers one event at a time calls this instead. */
void rota_driver_hear(struct rota_driver *d, const struct rota_handle_event *event);

/* Tells the process that its time has come, if it has. */
void rota_driver_tick(struct rota_driver *d);

/* Takes every waiting event from the backend, at most `most`, and ticks. Returns true if events may
 * be left. */
bool rota_driver_run(struct rota_driver *d, uint32_t most);

/* When the process wants to be woken if nothing else happens, ROTA_NEVER if not at all. */
rota_time rota_driver_deadline(const struct rota_driver *d);

/* Frees memory. Does not close the handle: a crash is a close without more. */
void rota_driver_close(struct rota_driver *d);

#endif
