#include "cli/jobs/run_one.h"

#include <stdlib.h>

#include "cli/base/memory.h"
#include "cli/base/signals.h"

struct solo {
    uv_loop_t loop;
    struct rota_driver_loop process;
    struct rota_signals signals;
    struct rota_log log;
    struct rota_screen screen;
};

static void on_finished(struct rota_driver_loop *p)
{
    (void)p; /* the loop ends by itself: the signals do not keep it */
}

static void on_signal(struct rota_signals *signals, int number, int times)
{
    struct solo *s = signals->context;
    (void)number;
    (void)times;
    rota_driver_loop_stop(&s->process);
}

static enum rota_exit run(struct solo *s, const struct rota_options *options,
                          const struct rota_driver_config *config)
{
    struct rota_backend *backend = rota_options_connect(options, &s->process, &s->screen);
    if (backend == NULL) {
        rota_driver_loop_close(&s->process);
        return ROTA_EXIT_UNREACHABLE;
    }
    rota_driver_loop_start(&s->process, config, backend);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    rota_options_explain(options, &s->process.driver, &s->screen);
    return s->process.driver.status;
}

enum rota_exit rota_run_one(const struct rota_options *options,
                            const struct rota_driver_config *config, const char *who,
                            rota_driver_loop_act_f on_act, void *context)
{
    enum rota_exit status = ROTA_EXIT_UNREACHABLE;
    if (!rota_options_check(options, NULL))
        return status;
    struct solo *s = rota_zeroed(1, sizeof *s);
    s->process.on_act = on_act;
    s->process.on_finished = on_finished;
    s->process.on_trace = options->trace ? rota_driver_loop_print_trace : NULL;
    s->process.context = context;
    s->process.who = who;
    s->process.log = s->screen.log = &s->log;
    s->signals.context = s;
    s->signals.on_signal = on_signal;
    if (uv_loop_init(&s->loop) == 0 && rota_driver_loop_open(&s->process, &s->loop) == 0) {
        rota_log_open(&s->log, &s->loop);
        rota_signals_open(&s->signals, &s->loop);
        status = run(s, options, config);
        rota_signals_close(&s->signals);
        rota_log_close(&s->log);
        uv_run(&s->loop, UV_RUN_DEFAULT);
        uv_loop_close(&s->loop);
    }
    free(s);
    return status;
}
