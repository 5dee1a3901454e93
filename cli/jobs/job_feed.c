#include "cli/jobs/job_feed.h"

#include <stdlib.h>
#include <string.h>

#include "cli/base/report.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum {
    JOBS_MOST = 8192,                       /* submitted and not over */
    UNACKNOWLEDGED_MOST = 64 * 1024 * 1024, /* bytes of payload */
    FAULTS_MOST = 10,                       /* lines that are reported before a file is refused */
    UNPRINTED_MOST = 32 * 1024 * 1024,      /* bytes of results that standard output did not take */
};

static void drop_ended(struct rota_job_feed *f)
{
    rota_job_ring_drop(&f->jobs, f->next_to_print);
}

static void end_job(struct rota_job_feed *f, uint64_t number)
{
    rota_job_ring_end(&f->jobs, number);
    drop_ended(f);
}

static void count(struct rota_job_feed *f)
{
    f->screen->counts.total = f->jobs.next;
    f->screen->counts.total_known = f->input_ended;
    f->screen->counts.done = f->ended - f->failed;
    f->screen->counts.failed = f->failed + f->refused;
}

/* The number of the line that the source gave last; 0 if the input has no lines. */
static uint64_t current_line(const struct rota_job_feed *f)
{
    return f->source.whole ? 0 : f->source.line;
}

/* ---- what the role reports ---- */

static char *copy_bytes(struct rota_bytes bytes, size_t *length)
{
    *length = bytes.length > 0 ? (size_t)bytes.length : 0;
    return rota_memory_copy(bytes.data, *length);
}

/* The outcome of an operator's request is judged by its role. */
static bool is_failure(const struct rota_job_feed *f, const struct rota_ring_job *job)
{
    return f->config.operating == NULL && job->state != NULL && strcmp(job->state, "done") != 0;
}

static void keep_result(struct rota_job_feed *f, struct rota_ring_job *job,
                        const struct rota_action *action)
{
    job->state = rota_memory_text(action->job.state);
    job->reason = rota_memory_text(action->job.reason != NULL ? action->job.reason : "");
    job->output = copy_bytes(action->job.output, &job->output_length);
    job->errors = copy_bytes(action->job.errors, &job->errors_length);
    job->ready = true;
    f->ended++;
    if (is_failure(f, job))
        f->failed++;
}

/* Shows the progress of one task, the last that reported any, until it ends. */
static void show_progress(struct rota_job_feed *f, uint64_t number, const char *name,
                          const char *line)
{
    f->job_in_progress = line != NULL ? number + 1 : 0;
    rota_screen_show_progress(f->screen, f->jobs.next > 1 ? name : NULL, line);
}

static void on_act(struct rota_driver_loop *d, const struct rota_action *action)
{
    struct rota_job_feed *f = d->context;

    if (action->kind == ROTA_ACTION_PROGRESS)
        show_progress(f, action->job.job, action->job.name, action->job.reason);
    if (action->kind != ROTA_ACTION_NAMED && action->kind != ROTA_ACTION_RESULT &&
        action->kind != ROTA_ACTION_COLLECTED)
        return;
    struct rota_ring_job *job = rota_job_ring_at(&f->jobs, action->job.job);
    if (job->name == NULL && !job->over && action->job.name != NULL)
        job->name = rota_memory_text(action->job.name);
    if (action->kind == ROTA_ACTION_NAMED) {
        rota_assert(f->unacknowledged >= job->payload_length);
        f->unacknowledged -= job->payload_length;
        job->payload_length = 0;
        job->ready = !f->config.results;
    } else if (action->kind == ROTA_ACTION_RESULT) {
        keep_result(f, job, action);
        if (f->job_in_progress == action->job.job + 1)
            show_progress(f, 0, NULL, NULL);
    } else {
        end_job(f, action->job.job);
    }
    count(f);
}

/* ---- what is printed ---- */

/* The text of a job on standard output. The caller frees it. NULL if there is none. */
static char *text_of(const struct rota_job_feed *f, struct rota_ring_job *job, size_t *length)
{
    if (!f->config.results && job->state == NULL)
        return rota_report_name(job->name, f->config.json, length);
    if (f->config.operating != NULL)
        return rota_report_outcome(job->name, job->state, job->reason, f->config.json, length);
    if (f->config.json) {
        struct rota_report_bytes output = {job->output != NULL ? job->output : "",
                                           job->output_length};
        struct rota_report_bytes errors = {job->errors, job->errors_length};

        return rota_report_result(job->name, job->line, job->state, job->reason, output, errors,
                                  length);
    }
    char *text = job->output;
    *length = job->output_length;
    job->output = NULL;
    return text;
}

static void put(struct rota_job_feed *f, uint64_t number)
{
    struct rota_ring_job *job = rota_job_ring_at(&f->jobs, number);
    size_t length = 0;
    char *text = text_of(f, job, &length);

    job->put = true;
    rota_screen_clear(f->screen);
    f->screen->blocked = true;
    rota_printer_put(&f->printer, number, text, length);
}

/* Gives the printer every job that is ready, up to the first one that is not. */
static void put_ready(struct rota_job_feed *f)
{
    while (f->next_to_print < f->jobs.next) {
        const struct rota_ring_job *job = rota_job_ring_at(&f->jobs, f->next_to_print);

        if (!job->put && !job->ready)
            break;
        uint64_t number = f->next_to_print++;
        if (!job->put)
            put(f, number);
    }
    drop_ended(f);
}

/* ---- what is submitted ---- */

static bool has_no_more_input(const struct rota_job_feed *f)
{
    return f->input_ended || f->held;
}

static void finish_if_done(struct rota_job_feed *f)
{
    if (f->finished || !f->driver_loop.finished || !rota_printer_is_idle(&f->printer))
        return;
    f->finished = true;
    rota_source_close(&f->source);
    f->on_finished(f);
}

static const char *why_not(enum rota_supply supply)
{
    return supply == ROTA_SUPPLY_NUL
               ? "holds a NUL byte, which a line cannot hold; submit the bytes with "
                 "rota submit --payload-file"
               : "is longer than 1000000 bytes, the limit of a payload; put the data into a file "
                 "and submit its name";
}

/* A payload that is refused here is reported at once. It is a job all the same, which is printed
 * when it is its turn. */
static void refuse(struct rota_job_feed *f, const char *why)
{
    struct rota_ring_job *job = rota_job_ring_add(&f->jobs);

    job->refused_here = job->ready = true;
    job->line = current_line(f);
    job->state = rota_memory_text("refused");
    job->reason = rota_memory_text(why);
    f->refused++;
    rota_job_report_refusal(&f->report, job->line, why);
}

static void end_input(struct rota_job_feed *f)
{
    struct rota_event event = {.kind = ROTA_EVENT_CLOSE_INPUT};

    f->input_ended = true;
    rota_driver_loop_notify(&f->driver_loop, &event);
}

static void submit(struct rota_job_feed *f, struct rota_event *event)
{
    event->job.job = f->jobs.next;
    struct rota_ring_job *job = rota_job_ring_add(&f->jobs);
    if (event->kind == ROTA_EVENT_SUBMIT) {
        job->payload_length = (size_t)event->job.payload.length;
        job->line = current_line(f);
        f->unacknowledged += job->payload_length;
        if (event->job.name != NULL)
            job->name = rota_memory_text(event->job.name);
    }
    rota_driver_loop_notify(&f->driver_loop, event);
}

/* Writes the terms around the payload. Returns NULL, or why they contradict each other. */
static const char *write_terms(struct rota_job_feed *f, struct rota_event *event)
{
    const struct rota_terms_options *terms = f->config.terms;

    if (event->kind != ROTA_EVENT_SUBMIT || terms == NULL)
        return NULL;
    rota_outbox_reset(&f->outbox);
    event->job.name = terms->id;
    event->job.refusal = terms->too_late[0] != '\0' ? terms->too_late : NULL;
    const char *wrong =
        rota_terms_options_write(terms, &f->outbox, event->job.payload, &event->job.payload);
    f->terms_contradicted = f->terms_contradicted || wrong != NULL;
    return wrong;
}

/* Takes the next payload of the source, or the next name. */
static enum rota_supply take_next(struct rota_job_feed *f, struct rota_event *event)
{
    if (f->config.names == NULL) {
        event->kind = ROTA_EVENT_SUBMIT;
        return rota_source_next(&f->source, &event->job.payload);
    }
    event->kind = ROTA_EVENT_WAIT;
    event->job.name = f->config.names[f->jobs.next];
    return event->job.name != NULL ? ROTA_SUPPLY_ITEM : ROTA_SUPPLY_END;
}

static void fail_input(struct rota_job_feed *f)
{
    rota_screen_say(f->screen, "%s cannot be read: %s%s", f->config.input, f->source.error,
                    f->jobs.next > 0 ? "; the lines before are still carried out" : "");
    f->input_failed = true;
    end_input(f);
}

/* Submits one payload. Returns false if there is none now. */
static bool feed_one(struct rota_job_feed *f)
{
    struct rota_event event = {0};
    const char *wrong;
    enum rota_supply got = take_next(f, &event);

    switch (got) {
    case ROTA_SUPPLY_ITEM:
        wrong = write_terms(f, &event);
        if (wrong != NULL)
            refuse(f, wrong);
        else
            submit(f, &event);
        return true;
    case ROTA_SUPPLY_TOO_LONG:
    case ROTA_SUPPLY_NUL:
        refuse(f, why_not(got));
        return true;
    case ROTA_SUPPLY_ERROR:
        fail_input(f);
        return false;
    case ROTA_SUPPLY_END:
        end_input(f);
        return false;
    default:
        return false;
    }
}

static void feed(struct rota_job_feed *f)
{
    if (!f->driver_loop.started)
        return;
    while (!has_no_more_input(f) && f->jobs.next - f->jobs.oldest < JOBS_MOST &&
           f->unacknowledged < UNACKNOWLEDGED_MOST && f->printer.waiting < UNPRINTED_MOST &&
           feed_one(f))
        ;
    count(f);
}

/* ---- the check of a file ---- */

/* Why a line cannot be a task, NULL if it can. */
static const char *fault_of(struct rota_job_feed *f, enum rota_supply got,
                            struct rota_bytes payload)
{
    struct rota_event event = {.kind = ROTA_EVENT_SUBMIT, .job = {.payload = payload}};
    struct rota_spec spec;

    if (got != ROTA_SUPPLY_ITEM)
        return why_not(got);
    const char *wrong = write_terms(f, &event);
    if (wrong != NULL)
        return wrong;
    wrong = rota_spec_read(&f->outbox, event.job.payload, &spec);
    return wrong != NULL ? rota_outbox_text(&f->outbox, "is not a valid specification: %s", wrong)
                         : NULL;
}

enum rota_exit rota_job_feed_check_input(struct rota_job_feed *f)
{
    struct rota_bytes payload;
    enum rota_supply got;
    uint64_t faults = 0;
    int64_t place = rota_source_place(&f->source);

    if (place < 0)
        return ROTA_EXIT_DONE;
    while ((got = rota_source_next(&f->source, &payload)) < ROTA_SUPPLY_WAIT) {
        rota_outbox_reset(&f->outbox);
        const char *wrong = fault_of(f, got, payload);
        if (wrong != NULL && faults++ < FAULTS_MOST)
            rota_job_report_refusal(&f->report, current_line(f), wrong);
    }
    if (faults > FAULTS_MOST)
        rota_screen_say(f->screen, "%s: %llu more lines cannot be tasks", f->config.input,
                        (unsigned long long)(faults - FAULTS_MOST));
    if (got == ROTA_SUPPLY_ERROR)
        rota_screen_say(f->screen, "%s cannot be read: %s", f->config.input, f->source.error);
    if (faults > 0)
        rota_screen_say(f->screen,
                        "nothing of %s was submitted; correct the file and submit it "
                        "again",
                        f->config.input);
    rota_source_return(&f->source, place);
    if (got == ROTA_SUPPLY_ERROR || f->terms_contradicted)
        return ROTA_EXIT_USAGE;
    return faults > 0 ? ROTA_EXIT_REFUSED : ROTA_EXIT_DONE;
}

/* ---- callbacks ---- */

static void on_ready(struct rota_source *source)
{
    feed(source->context);
}

static void on_after(struct rota_driver_loop *d)
{
    put_ready(d->context);
    feed(d->context);
}

/* Lets the task be collected, now that its result has been written. */
static void collect(struct rota_job_feed *f, uint64_t number)
{
    struct rota_event event = {.kind = ROTA_EVENT_COLLECT};
    const struct rota_ring_job *job = rota_job_ring_at(&f->jobs, number);

    if (!f->config.results || !f->config.collect || f->driver_loop.finished || job->refused_here) {
        end_job(f, number);
        return;
    }
    event.job.job = number;
    event.job.name = job->name;
    rota_driver_loop_notify(&f->driver_loop, &event);
}

static void stop_when_printed(struct rota_job_feed *f)
{
    if (!f->stopping || f->client_stops || !rota_printer_is_idle(&f->printer))
        return;
    f->client_stops = true;
    rota_driver_loop_stop(&f->driver_loop);
}

static void on_printed(struct rota_printer *p, uint64_t number)
{
    struct rota_job_feed *f = p->context;
    struct rota_ring_job *job = rota_job_ring_at(&f->jobs, number);

    job->printed = true;
    if (is_failure(f, job) && !job->refused_here)
        rota_job_report_failure(&f->report, number, f->config.errors);
    collect(f, number);
    f->screen->blocked = p->waiting > 0 || p->open_line;
    feed(f);
    stop_when_printed(f);
    finish_if_done(f);
}

static void on_broken(struct rota_printer *p, int rc)
{
    struct rota_job_feed *f = p->context;

    rota_screen_say(f->screen, "standard output cannot be written: %s; stopping", strerror(-rc));
    rota_job_feed_stop(f);
    finish_if_done(f);
}

static void on_driver_finished(struct rota_driver_loop *d)
{
    struct rota_job_feed *f = d->context;

    put_ready(f);
    finish_if_done(f);
}

/* ---- the owner's side ---- */

int rota_job_feed_open(struct rota_job_feed *f, uv_loop_t *loop,
                       const struct rota_job_feed_config *config, struct rota_screen *screen)
{
    rota_assert(f->on_finished != NULL && config->input != NULL);
    f->config = *config;
    f->screen = screen;
    f->report = (struct rota_job_report){screen, &f->jobs, config->input};
    f->source.on_ready = on_ready;
    f->source.context = f;
    f->source.descriptor = -1;
    f->printer.on_done = on_printed;
    f->printer.on_broken = on_broken;
    f->printer.context = f;
    rota_printer_open(&f->printer, loop);
    rota_outbox_init(&f->outbox);
    f->driver_loop.on_act = on_act;
    f->driver_loop.on_after = on_after;
    f->driver_loop.on_finished = on_driver_finished;
    f->driver_loop.context = f;
    return rota_driver_loop_open(&f->driver_loop, loop);
}

void rota_job_feed_hold(struct rota_job_feed *f)
{
    f->held = true;
}

void rota_job_feed_stop(struct rota_job_feed *f)
{
    if (f->stopping)
        f->client_stops = true;
    f->held = true;
    f->stopping = true;
    for (uint64_t i = f->next_to_print; i < f->jobs.next && !f->printer.broken; i++) {
        const struct rota_ring_job *job = rota_job_ring_at(&f->jobs, i);

        if (job->ready && !job->put)
            put(f, i);
    }
    if (f->client_stops)
        rota_driver_loop_stop(&f->driver_loop);
    else
        stop_when_printed(f);
}

enum rota_exit rota_job_feed_status(const struct rota_job_feed *f)
{
    enum rota_exit status = f->driver_loop.driver.status;

    if (f->printer.broken)
        return ROTA_EXIT_FAILED;
    if (status > ROTA_EXIT_FAILED || f->config.operating != NULL)
        return status;
    if (f->refused > 0)
        return f->terms_contradicted ? ROTA_EXIT_USAGE : ROTA_EXIT_REFUSED;
    if (f->input_failed)
        return ROTA_EXIT_USAGE;
    return f->failed > 0 ? ROTA_EXIT_FAILED : ROTA_EXIT_DONE;
}

void rota_job_feed_close(struct rota_job_feed *f)
{
    rota_job_ring_close(&f->jobs);
    rota_printer_close(&f->printer);
    rota_outbox_close(&f->outbox);
}
