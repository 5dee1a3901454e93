#include "cli/jobs/role_main.h"

#include <stdlib.h>

#include "cli/base/signals.h"
#include "system/memory.h"

struct role_main {
    uv_loop_t loop;
    struct rota_driver_loop driver_loop;
    struct rota_signals signals;
    struct rota_log log;
    struct rota_screen screen;
};

static void on_finished(struct rota_driver_loop *d)
{
    (void)d; /* the loop ends by itself: the signals do not keep it alive */
}

static void on_signal(struct rota_signals *signals, int number, int times)
{
    struct role_main *r = signals->context;

    (void)number;
    (void)times;
    rota_driver_loop_stop(&r->driver_loop);
}

static enum rota_exit run(struct role_main *r, const struct rota_options *options,
                          const struct rota_driver_config *config)
{
    struct rota_backend *backend = rota_options_connect(options, &r->driver_loop, &r->screen);

    if (backend == NULL) {
        rota_driver_loop_close(&r->driver_loop);
        return ROTA_EXIT_UNREACHABLE;
    }
    rota_driver_loop_start(&r->driver_loop, config, backend);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    rota_options_explain(options, &r->driver_loop.driver, &r->screen);
    return r->driver_loop.driver.status;
}

enum rota_exit rota_role_main_run(const struct rota_options *options,
                                  const struct rota_driver_config *config, const char *name,
                                  rota_driver_loop_act_f on_act, void *context)
{
    enum rota_exit status = ROTA_EXIT_UNREACHABLE;

    if (!rota_options_check(options, NULL))
        return status;
    struct role_main *r = rota_memory_zeroed(1, sizeof *r);
    r->driver_loop.on_act = on_act;
    r->driver_loop.on_finished = on_finished;
    r->driver_loop.on_trace = options->trace ? rota_driver_loop_print_trace : NULL;
    r->driver_loop.context = context;
    r->driver_loop.name = name;
    r->driver_loop.log = r->screen.log = &r->log;
    r->signals.context = r;
    r->signals.on_signal = on_signal;
    int rc = uv_loop_init(&r->loop);
    if (rc == 0)
        rc = rota_driver_loop_open(&r->driver_loop, &r->loop);
    if (rc != 0) {
        rota_screen_say(&r->screen, "the event loop cannot be opened: %s", uv_strerror(rc));
    } else {
        rota_log_open(&r->log, &r->loop);
        rota_signals_open(&r->signals, &r->loop);
        status = run(r, options, config);
        rota_signals_close(&r->signals);
        rota_log_close(&r->log);
        uv_run(&r->loop, UV_RUN_DEFAULT);
        uv_loop_close(&r->loop);
    }
    free(r);
    return status;
}
