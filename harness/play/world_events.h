/* The hooks of the world: what a run does when its world reports something. */
#ifndef ROTA_HARNESS_PLAY_WORLD_EVENTS_H
#define ROTA_HARNESS_PLAY_WORLD_EVENTS_H

#include "harness/play/run_context.h"

/* The hooks; their context is a struct rota_run_context. */
extern const struct rota_world_hooks rota_run_hooks;

#endif
