/* The zkCli sessions of a scenario as guests of a simulated world. */
#ifndef ROTA_HARNESS_GUESTS_H
#define ROTA_HARNESS_GUESTS_H

#include "backend_sim/world.h"
#include "harness/typing.h"

struct rota_guests;

struct rota_guest {
    struct rota_guests *all;
    uint32_t seat;
};

struct rota_guests {
    struct rota_world *w; /* borrowed */
    uint32_t first;       /* process number of z1 */
    struct rota_typing typing;
    struct rota_guest *guests;
    bool (*step)(void *context, rota_time until); /* lets one event happen, see rota_typing_ops */
    void *context;
};

/* Adds a guest for each session that the scenario names; none has come yet. `g` must not move.
 * Processes are added before. */
void rota_guests_init(struct rota_guests *g, const struct rota_scenario *s, struct rota_world *w,
                      bool (*step)(void *context, rota_time until), void *context);

/* Carries out a statement of kind ZK, see rota_typing_carry_out. */
enum rota_typed rota_guests_carry_out(struct rota_guests *g, const struct rota_statement *st,
                                      char **report);

/* Sends all guests home; before the world is closed. */
void rota_guests_close(struct rota_guests *g);

#endif
