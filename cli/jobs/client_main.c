#include "cli/jobs/client_main.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/base/signals.h"
#include "model/base/assert.h"
#include "model/client/client.h"
#include "model/operator/operator.h"
#include "system/memory.h"

#define CLIENT_MAIN_MAGIC ROTA_MAGIC('C', 'L', 'N', 'T')

struct client_main {
    uint32_t magic;
    uv_loop_t loop;
    uv_timer_t redraw;
    struct rota_log log;
    struct rota_screen screen;
    struct rota_job_feed feed;
    struct rota_signals signals;
    bool interrupted;
};

enum { REDRAW_MS = 100 };

static void on_finished(struct rota_job_feed *f)
{
    (void)f; /* the loop ends by itself: signals and redraw do not keep it alive */
}

static void on_signal(struct rota_signals *signals, int number, int times)
{
    struct client_main *c = signals->context;

    (void)number;
    c->interrupted = true;
    if (times > 2)
        _exit(ROTA_EXIT_INTERRUPTED); /* standard output is not read */
    rota_job_feed_stop(&c->feed);
}

static void on_redraw(uv_timer_t *timer)
{
    struct client_main *c = rota_cast(struct client_main, timer->data, CLIENT_MAIN_MAGIC);

    rota_screen_draw(&c->screen);
}

static void start_watching(struct client_main *c)
{
    c->signals.context = c;
    c->signals.on_signal = on_signal;
    rota_signals_open(&c->signals, &c->loop);
    uv_timer_init(&c->loop, &c->redraw);
    c->redraw.data = c;
    uv_timer_start(&c->redraw, on_redraw, REDRAW_MS, REDRAW_MS);
    uv_unref((uv_handle_t *)&c->redraw);
}

static enum rota_exit conclude(struct client_main *c, const struct rota_options *options)
{
    enum rota_exit status = rota_job_feed_status(&c->feed);

    rota_screen_clear(&c->screen);
    rota_options_explain(options, &c->feed.driver_loop.driver, &c->screen);
    if (status == ROTA_EXIT_DONE && c->feed.jobs.next == 0 && !c->interrupted)
        rota_screen_say(&c->screen, "%s holds no payloads; nothing was submitted",
                        c->feed.config.input);
    if (status != ROTA_EXIT_DONE && rota_job_report_unprinted(&c->feed.report) > 0 &&
        c->feed.config.operating == NULL)
        rota_screen_say(&c->screen, "rota wait prints the results of these tasks");
    return c->interrupted ? ROTA_EXIT_INTERRUPTED : status;
}

static enum rota_exit run(struct client_main *c, const struct rota_options *options,
                          const struct rota_job_feed_config *config)
{
    struct rota_driver_loop *driver_loop = &c->feed.driver_loop;
    struct rota_client_config client = {
        .wait = config->results, .collect = config->collect, .progress = c->screen.bar};
    struct rota_driver_config driver = {.role = &rota_client_role,
                                        .config = &client,
                                        .session = rota_options_session(options, false)};

    if (config->operating != NULL) {
        driver.role = &rota_operator_role;
        driver.config = config->operating;
    }
    driver_loop->name = "client";
    driver_loop->log = &c->log;
    driver_loop->on_trace = options->verbose ? rota_driver_loop_print_trace : NULL;
    struct rota_backend *backend = rota_options_connect(options, driver_loop, &c->screen);
    if (backend == NULL)
        return ROTA_EXIT_UNREACHABLE;
    start_watching(c);
    rota_driver_loop_start(driver_loop, &driver, backend);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    enum rota_exit status = conclude(c, options);
    rota_signals_close(&c->signals);
    uv_close((uv_handle_t *)&c->redraw, NULL);
    return status;
}

static enum rota_exit open_and_run(struct client_main *c, const struct rota_options *options,
                                   const struct rota_job_feed_config *config,
                                   rota_client_main_open_f open_source, const void *context)
{
    enum rota_exit status = ROTA_EXIT_USAGE;

    if (open_source == NULL)
        return run(c, options, config);
    int rc = open_source(&c->feed.source, &c->loop, context);
    if (rc != 0)
        rota_screen_say(&c->screen, "%s cannot be opened: %s", config->input, strerror(-rc));
    else
        status = rota_job_feed_check_input(&c->feed);
    return status == ROTA_EXIT_DONE ? run(c, options, config) : status;
}

enum rota_exit rota_client_main_run(const struct rota_options *options,
                                    const struct rota_job_feed_config *config,
                                    rota_client_main_open_f open_source, const void *context)
{
    enum rota_exit status = ROTA_EXIT_UNREACHABLE;

    if (!rota_options_check(options, NULL))
        return status;
    struct client_main *c = rota_memory_zeroed(1, sizeof *c);
    c->magic = CLIENT_MAIN_MAGIC;
    rota_screen_open(&c->screen, config->results && config->operating == NULL);
    c->feed.on_finished = on_finished;
    c->screen.log = &c->log;
    int rc = uv_loop_init(&c->loop);
    if (rc == 0)
        rc = rota_job_feed_open(&c->feed, &c->loop, config, &c->screen);
    if (rc != 0) {
        rota_screen_say(&c->screen, "the event loop cannot be opened: %s", uv_strerror(rc));
    } else {
        rota_log_open(&c->log, &c->loop);
        status = open_and_run(c, options, config, open_source, context);
        rota_driver_loop_close(&c->feed.driver_loop);
        rota_source_close(&c->feed.source);
        rota_log_close(&c->log);
        uv_run(&c->loop, UV_RUN_DEFAULT);
        uv_loop_close(&c->loop);
    }
    rota_job_feed_close(&c->feed);
    c->magic = 0;
    free(c);
    return status;
}
