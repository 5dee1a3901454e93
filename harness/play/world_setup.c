#include "harness/play/world_setup.h"

#include <stdio.h>
#include <stdlib.h>

#include "backend_sim/world/world_servers.h"
#include "harness/language/protocol.h"
#include "harness/play/world_events.h"
#include "model/client/client.h"
#include "model/master/master.h"
#include "model/operator/operator.h"
#include "model/tree/path.h"
#include "model/worker/worker.h"
#include "system/memory.h"

static void add_master(struct rota_run_context *ctx, const struct rota_role *role, uint32_t number)
{
    struct rota_master_config master = {.losses = ctx->s->cluster.losses};
    char name[24];

    snprintf(name, sizeof name, "m%u", number);
    snprintf(master.id, sizeof master.id, "%s", name);
    snprintf(master.address, sizeof master.address, "%s:1", name);
    rota_world_add(ctx->w, name, ROTA_PART_MASTER,
                   &(struct rota_driver_config){.role = role, .config = &master});
}

static void add_worker(struct rota_run_context *ctx, const struct rota_role *role, uint32_t number)
{
    struct rota_worker_config worker = {.slots = ctx->s->cluster.slots, .drain_timeout_ms = 10000};
    char name[24];

    snprintf(name, sizeof name, "w%u", number);
    snprintf(worker.name, sizeof worker.name, "%s", name);
    snprintf(worker.address, sizeof worker.address, "%s:1", name);
    snprintf(worker.tags, sizeof worker.tags, "%s", rota_scenario_tags(ctx->s, number));
    rota_world_add(
        ctx->w, name, ROTA_PART_WORKER,
        &(struct rota_driver_config){.role = role, .config = &worker, .session = {.lease = true}});
}

static void add_client(struct rota_run_context *ctx, const struct rota_role *role, uint32_t number)
{
    struct rota_client_config client = {.wait = true, .collect = true};
    char name[24];

    snprintf(name, sizeof name, "c%u", number);
    rota_world_add(ctx->w, name, ROTA_PART_CLIENT,
                   &(struct rota_driver_config){.role = role, .config = &client});
}

/* Each statement that needs an operator has one of its own. */
static void add_operators(struct rota_run_context *ctx)
{
    uint32_t number = 0;

    ctx->first_operator = rota_world_count(ctx->w);
    for (uint32_t i = 0; i < ctx->s->count; i++) {
        const struct rota_script_action *action = &ctx->s->statements[i].action;
        struct rota_operator_config config = {.timeout_ms = -1};
        char name[24];

        if (!rota_script_action_needs_operator(action))
            continue;
        config.command = action->kind == ROTA_SCRIPT_CANCEL  ? ROTA_OPERATOR_CANCEL
                         : action->kind == ROTA_SCRIPT_RETRY ? ROTA_OPERATOR_RETRY
                                                             : ROTA_OPERATOR_DRAIN;
        snprintf(name, sizeof name, "o%u", ++number);
        rota_world_add(
            ctx->w, name, ROTA_PART_OPERATOR,
            &(struct rota_driver_config){.role = &rota_operator_role, .config = &config});
    }
}

/* Adds a process of a protocol that has configs of its own. */
static void add_configured(struct rota_run_context *ctx, char letter, uint32_t number,
                           enum rota_part part, const struct rota_role *role)
{
    struct rota_driver_config driver = {.role = role};
    void *config = rota_memory_zeroed(1, role->config_size);
    char name[24];

    snprintf(name, sizeof name, "%c%u", letter, number);
    rota_protocol_at(ctx->s->protocol)->configure(name, config, &driver.session);
    driver.config = config;
    rota_world_add(ctx->w, name, part, &driver);
    free(config);
}

static void add_all_configured(struct rota_run_context *ctx)
{
    const struct rota_cluster *c = &ctx->s->cluster;
    const struct rota_protocol *protocol = rota_protocol_at(ctx->s->protocol);

    for (uint32_t i = 1; i <= c->masters; i++)
        add_configured(ctx, 'm', i, ROTA_PART_MASTER, protocol->master);
    for (uint32_t i = 1; i <= c->workers; i++)
        add_configured(ctx, 'w', i, ROTA_PART_WORKER, protocol->worker);
    for (uint32_t i = 1; i <= c->clients; i++)
        add_configured(ctx, 'c', i, ROTA_PART_CLIENT, protocol->client);
}

static void add_processes(struct rota_run_context *ctx)
{
    const struct rota_cluster *c = &ctx->s->cluster;
    const struct rota_protocol *protocol = rota_protocol_at(ctx->s->protocol);

    if (protocol->configure != NULL) {
        add_all_configured(ctx);
        add_operators(ctx);
        return;
    }
    for (uint32_t i = 1; i <= c->masters; i++)
        add_master(ctx, protocol->master, i);
    for (uint32_t i = 1; i <= c->workers; i++)
        add_worker(ctx, protocol->worker, i);
    for (uint32_t i = 1; i <= c->clients; i++)
        add_client(ctx, protocol->client, i);
    add_operators(ctx);
}

void rota_world_setup_open(struct rota_run_context *ctx)
{
    const struct rota_cluster *c = &ctx->s->cluster;
    struct rota_world_config config = {.seed = ctx->seed,
                                       .latency = c->latency,
                                       .tick_ms = (uint32_t)(c->tick / 1000),
                                       .servers = c->servers,
                                       .lag = c->lag,
                                       .quorum_sync = c->quorum_sync,
                                       .session_ms = (uint32_t)(c->session / 1000)};

    ctx->w = rota_world_open(&config, &rota_run_hooks, ctx);
    add_processes(ctx);
}

void rota_world_setup_tree(struct rota_run_context *ctx)
{
    uint32_t path_count;
    const char *const *paths = rota_path_tree(&path_count);
    uint32_t counter = ctx->s->cluster.counter;

    if (!rota_scenario_has_empty_tree(ctx->s) && ctx->trial.judge == NULL)
        rota_world_create_znodes(ctx->w, paths, path_count);
    if (counter > 0)
        rota_world_count_up(ctx->w, ROTA_PATH_TASKS, (int32_t)counter);
}
