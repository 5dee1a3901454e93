/* Who lives in a process of a world: rota's driver, or the roles of another protocol.
 *
 * An actor holds one handle and one host, as a driver does. It asks the host's door before each of
 * its requests, and carries out through `act` what is to be seen of it: NOTE, RUN, CANCEL, NAMED,
 * RESULT, COLLECTED, EXIT. What it notes (ELECTED, DEPOSED, CONNECTED, ...) is what the harness
 * takes it for. */
#ifndef ROTA_BACKEND_SIM_WORLD_PROCESS_ROLE_H
#define ROTA_BACKEND_SIM_WORLD_PROCESS_ROLE_H

#include "model/driver.h"

/* All are mandatory but `marks`. */
struct rota_process_role {
    /* Begins: opens the handle, tells the role START. `config` is borrowed for the call, backend
     * and host until close. */
    void *(*open)(const struct rota_driver_config *config, struct rota_backend *backend,
                  struct rota_host *host);
    /* What the handle reports. */
    void (*hear)(void *actor, const struct rota_handle_event *event);
    /* STOP, FINISHED, PROGRESS, SUBMIT, WAIT, COLLECT. */
    void (*tell)(void *actor, struct rota_event *event);
    /* Its time has come, if it has. */
    void (*tick)(void *actor);
    /* When it wants to be woken, by the backend's clock; ROTA_NEVER if not at all. */
    rota_time (*deadline)(const void *actor);
    /* EXIT was carried out. */
    bool (*finished)(const void *actor);
    /* Frees memory. The handle stays as it is: a crash is a close without more. */
    void (*close)(void *actor);
    /* Adds the marks it has reached. */
    void (*marks)(const void *actor, struct rota_marks *marks);
};

/* rota's own. */
extern const struct rota_process_role rota_driver_actor;

#endif
