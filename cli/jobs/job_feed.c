#include "cli/jobs/job_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/memory.h"
#include "cli/base/report.h"
#include "model/base/assert.h"

enum {
    MOST_JOBS = 8192,                  /* handed in and not over */
    MOST_HANDED_IN = 64 * 1024 * 1024, /* bytes of payload not yet acknowledged */
    MOST_FAULTS = 10,                  /* lines of a file that are told of before it is taken */
    MOST_WAITING = 32 * 1024 * 1024,   /* bytes of results that standard output has not taken */
};

/* From being handed in until it is over. */
struct rota_job_feed_job {
    char *name;  /* once it is acknowledged */
    char *state; /* once its task has ended */
    char *reason;
    char *output;
    size_t output_length;
    char *errors;
    size_t errors_length;
    size_t payload_length;
    uint64_t line; /* of the input; 0 if that has no lines */
    bool own;      /* the client never heard of it: its payload was refused here */
    bool ready;    /* for the printer */
    bool put;      /* to the printer */
    bool printed;
    bool told; /* in the sentence of one before it */
    bool over;
};

static struct rota_job_feed_job *job_at(const struct rota_job_feed *d, uint64_t number)
{
    rota_assert(number >= d->oldest && number < d->next);
    return &d->jobs[number & (d->capacity - 1)];
}

static void grow_ring(struct rota_job_feed *d)
{
    uint64_t capacity = d->capacity > 0 ? 2 * d->capacity : 64;
    struct rota_job_feed_job *jobs = rota_zeroed(capacity, sizeof *jobs);
    for (uint64_t i = d->oldest; i < d->next; i++)
        jobs[i & (capacity - 1)] = *job_at(d, i);
    free(d->jobs);
    d->jobs = jobs;
    d->capacity = capacity;
}

static struct rota_job_feed_job *add_job(struct rota_job_feed *d)
{
    if (d->next - d->oldest == d->capacity)
        grow_ring(d);
    struct rota_job_feed_job *job = &d->jobs[d->next++ & (d->capacity - 1)];
    *job = (struct rota_job_feed_job){0};
    return job;
}

static void forget(struct rota_job_feed_job *job)
{
    free(job->name);
    free(job->state);
    free(job->reason);
    free(job->output);
    free(job->errors);
    *job = (struct rota_job_feed_job){.ready = job->ready, .put = job->put, .over = true};
}

/* The job needs nothing more. */
static void end_job(struct rota_job_feed *d, uint64_t number)
{
    forget(job_at(d, number));
    while (d->oldest < d->turn && job_at(d, d->oldest)->over)
        d->oldest++;
}

static void count(struct rota_job_feed *d)
{
    d->screen->counts.total = d->next;
    d->screen->counts.total_known = d->input_ended;
    d->screen->counts.done = d->ended - d->failed;
    d->screen->counts.failed = d->failed + d->refused;
}

static char *copy_bytes(struct rota_bytes bytes, size_t *length)
{
    *length = bytes.length > 0 ? (size_t)bytes.length : 0;
    char *copy = rota_grow(NULL, *length);
    if (*length > 0)
        memcpy(copy, bytes.data, *length);
    return copy;
}

static bool has_name(const struct rota_job_feed_job *job)
{
    return job->name != NULL && job->name[0] != '\0';
}

/* What an operator's wish comes to is its role's to judge. */
static bool is_failure(const struct rota_job_feed *d, const struct rota_job_feed_job *job)
{
    return d->config.operating == NULL && job->state != NULL && strcmp(job->state, "done") != 0;
}

static void keep_result(struct rota_job_feed *d, struct rota_job_feed_job *job,
                        const struct rota_action *action)
{
    job->state = rota_text_copy(action->job.state);
    job->reason = rota_text_copy(action->job.reason != NULL ? action->job.reason : "");
    job->output = copy_bytes(action->job.output, &job->output_length);
    job->errors = copy_bytes(action->job.errors, &job->errors_length);
    job->ready = true;
    d->ended++;
    if (is_failure(d, job))
        d->failed++;
}

/* Shows how far one task is: the last that said so, until it ends. */
static void show_progress(struct rota_job_feed *d, uint64_t number, const char *name,
                          const char *line)
{
    d->news = line != NULL ? number + 1 : 0;
    rota_screen_tell(d->screen, d->next > 1 ? name : NULL, line);
}

static void on_act(struct rota_driver_loop *p, const struct rota_action *action)
{
    struct rota_job_feed *d = p->context;
    if (action->kind == ROTA_ACTION_PROGRESS)
        show_progress(d, action->job.job, action->job.name, action->job.reason);
    if (action->kind != ROTA_ACTION_NAMED && action->kind != ROTA_ACTION_RESULT &&
        action->kind != ROTA_ACTION_COLLECTED)
        return;
    struct rota_job_feed_job *job = job_at(d, action->job.job);
    if (job->name == NULL && !job->over && action->job.name != NULL)
        job->name = rota_text_copy(action->job.name);
    if (action->kind == ROTA_ACTION_NAMED) {
        d->handed_in -= job->payload_length;
        job->payload_length = 0;
        job->ready = !d->config.results;
    } else if (action->kind == ROTA_ACTION_RESULT) {
        keep_result(d, job, action);
        if (d->news == action->job.job + 1)
            show_progress(d, 0, NULL, NULL);
    } else
        end_job(d, action->job.job);
    count(d);
}

/* What standard output gets of a job. Returns memory from rota_grow, NULL if nothing. */
static char *text_of(const struct rota_job_feed *d, struct rota_job_feed_job *job, size_t *length)
{
    if (!d->config.results && job->state == NULL)
        return rota_report_name(job->name, d->config.json, length);
    if (d->config.operating != NULL)
        return rota_report_outcome(job->name, job->state, job->reason, d->config.json, length);
    if (d->config.json) {
        struct rota_report_text output = {job->output != NULL ? job->output : "",
                                          job->output_length};
        struct rota_report_text errors = {job->errors, job->errors_length};
        return rota_report_result(job->name, job->line, job->state, job->reason, output, errors,
                                  length);
    }
    char *text = job->output;
    *length = job->output_length;
    job->output = NULL;
    return text;
}

static void put(struct rota_job_feed *d, uint64_t number)
{
    struct rota_job_feed_job *job = job_at(d, number);
    size_t length = 0;
    char *text = text_of(d, job, &length);
    job->put = true;
    rota_screen_clear(d->screen);
    d->screen->blocked = true;
    rota_printer_put(&d->printer, number, text, length);
}

static void put_what_is_next(struct rota_job_feed *d)
{
    while (d->turn < d->next && (job_at(d, d->turn)->put || job_at(d, d->turn)->ready)) {
        uint64_t number = d->turn++;
        if (!job_at(d, number)->put)
            put(d, number);
    }
    while (d->oldest < d->turn && job_at(d, d->oldest)->over)
        d->oldest++;
}

/* Says which lines of the input: this one, and those behind it that came to the same for the same
 * reason. */
static void say_lines(struct rota_job_feed *d, uint64_t number)
{
    const struct rota_job_feed_job *job = job_at(d, number);
    const struct rota_job_feed_job *last = job;
    char more[32] = "";
    for (uint64_t i = number + 1; i < d->next; i++) {
        struct rota_job_feed_job *other = job_at(d, i);
        if (!other->ready || other->over || other->own || has_name(other) ||
            strcmp(other->state, job->state) != 0 || strcmp(other->reason, job->reason) != 0)
            break;
        other->told = true;
        last = other;
    }
    if (last != job)
        snprintf(more, sizeof more, " to %llu", (unsigned long long)last->line);
    rota_screen_say(d->screen, "%s, line%s %llu%s: %s%s%s", d->config.input, last != job ? "s" : "",
                    (unsigned long long)job->line, more, job->state,
                    job->reason[0] != '\0' ? ": " : "", job->reason);
}

/* One sentence for a task that ended otherwise than done, or never was one. */
static void say_end(struct rota_job_feed *d, uint64_t number)
{
    const struct rota_job_feed_job *job = job_at(d, number);
    const char *colon = job->reason[0] != '\0' ? ": " : "";
    if (!has_name(job) && job->line > 0)
        say_lines(d, number);
    else if (!has_name(job))
        rota_screen_say(d->screen, "%s: %s%s%s", d->config.input, job->state, colon, job->reason);
    else if (job->line > 0)
        rota_screen_say(d->screen, "task %s, line %llu: %s%s%s", job->name,
                        (unsigned long long)job->line, job->state, colon, job->reason);
    else
        rota_screen_say(d->screen, "task %s: %s%s%s", job->name, job->state, colon, job->reason);
}

/* A task that ended otherwise than done: one sentence, and the end of what it had to say. */
static void say_failure(struct rota_job_feed *d, uint64_t number)
{
    const struct rota_job_feed_job *job = job_at(d, number);
    if (!job->told)
        say_end(d, number);
    if (!d->config.errors)
        return;
    const char *text = job->errors;
    size_t left = job->errors_length;
    while (left > 0) {
        const char *newline = memchr(text, '\n', left);
        size_t length = newline != NULL ? (size_t)(newline - text) : left;
        rota_screen_line(d->screen, NULL, text, length);
        length += newline != NULL ? 1 : 0;
        text += length;
        left -= length;
    }
    rota_screen_flush(d->screen);
}

static bool has_no_more_input(const struct rota_job_feed *d)
{
    return d->input_ended || d->held;
}

/* Whether all that was asked has been answered, or nobody is left to answer. */
static void finish_if_done(struct rota_job_feed *d)
{
    if (d->finished || !d->process.finished || !rota_printer_is_idle(&d->printer))
        return;
    d->finished = true;
    rota_source_close(&d->source);
    d->on_finished(d);
}

static const char *why_not(enum rota_supply supply)
{
    return supply == ROTA_SUPPLY_NUL ? "holds a NUL byte, which a line cannot; "
                                       "bytes can be sent with rota submit --payload-file"
                                     : "is longer than 1000000 bytes, the most a task can carry; "
                                       "put it in a file and give the name";
}

static void say_fault(struct rota_job_feed *d, const char *why)
{
    if (d->source.whole)
        rota_screen_say(d->screen, "%s %s", d->config.input, why);
    else
        rota_screen_say(d->screen, "%s, line %llu %s", d->config.input,
                        (unsigned long long)d->source.line, why);
}

/* A payload that cannot be handed in is told of at once; it is a job all the same, which has its
 * turn among the others. */
static void refuse(struct rota_job_feed *d, const char *why)
{
    struct rota_job_feed_job *job = add_job(d);
    job->own = job->ready = true;
    job->line = d->source.whole ? 0 : d->source.line;
    job->state = rota_text_copy("refused");
    job->reason = rota_text_copy(why);
    d->refused++;
    say_fault(d, why);
}

static void end_input(struct rota_job_feed *d)
{
    struct rota_event event = {.kind = ROTA_EVENT_CLOSE_INPUT};
    d->input_ended = true;
    rota_driver_loop_tell(&d->process, &event);
}

static void hand_in(struct rota_job_feed *d, struct rota_event *event)
{
    event->job.job = d->next;
    struct rota_job_feed_job *job = add_job(d);
    if (event->kind == ROTA_EVENT_SUBMIT) {
        job->payload_length = (size_t)event->job.payload.length;
        job->line = d->source.whole ? 0 : d->source.line;
        d->handed_in += job->payload_length;
        if (event->job.name != NULL)
            job->name = rota_text_copy(event->job.name);
    }
    rota_driver_loop_tell(&d->process, event);
}

/* Puts the terms around the payload. Returns NULL, or why they do not go together. */
static const char *write_terms(struct rota_job_feed *d, struct rota_event *event)
{
    const struct rota_terms_options *terms = d->config.terms;
    if (event->kind != ROTA_EVENT_SUBMIT || terms == NULL)
        return NULL;
    rota_outbox_reset(&d->outbox);
    event->job.name = terms->id;
    event->job.refusal = terms->late[0] != '\0' ? terms->late : NULL;
    const char *wrong =
        rota_terms_options_write(terms, &d->outbox, event->job.payload, &event->job.payload);
    d->contradicted = d->contradicted || wrong != NULL;
    return wrong;
}

static enum rota_supply supply(struct rota_job_feed *d, struct rota_event *event)
{
    if (d->config.names == NULL) {
        event->kind = ROTA_EVENT_SUBMIT;
        return rota_source_next(&d->source, &event->job.payload);
    }
    event->kind = ROTA_EVENT_WAIT;
    event->job.name = d->config.names[d->next];
    return event->job.name != NULL ? ROTA_SUPPLY_ITEM : ROTA_SUPPLY_END;
}

/* Hands in one payload. Returns whether to go on. */
static bool feed_one(struct rota_job_feed *d)
{
    struct rota_event event = {0};
    const char *wrong;
    enum rota_supply got = supply(d, &event);
    switch (got) {
    case ROTA_SUPPLY_ITEM:
        wrong = write_terms(d, &event);
        if (wrong != NULL)
            refuse(d, wrong);
        else
            hand_in(d, &event);
        return true;
    case ROTA_SUPPLY_TOO_LONG:
    case ROTA_SUPPLY_NUL:
        refuse(d, why_not(got));
        return true;
    case ROTA_SUPPLY_ERROR:
        rota_screen_say(d->screen, "%s cannot be read: %s%s", d->config.input, d->source.error,
                        d->next > 0 ? "; what came before is still carried out" : "");
        d->input_failed = true;
        end_input(d);
        return false;
    case ROTA_SUPPLY_END:
        end_input(d);
        return false;
    default:
        return false;
    }
}

/* What keeps a line from being a task, NULL if nothing does. */
static const char *fault_of(struct rota_job_feed *d, enum rota_supply got,
                            struct rota_bytes payload)
{
    struct rota_event event = {.kind = ROTA_EVENT_SUBMIT, .job = {.payload = payload}};
    struct rota_spec spec;
    if (got != ROTA_SUPPLY_ITEM)
        return why_not(got);
    const char *wrong = write_terms(d, &event);
    if (wrong != NULL)
        return wrong;
    wrong = rota_spec_read(&d->outbox, event.job.payload, &spec);
    return wrong != NULL ? rota_outbox_text(&d->outbox, "is no good specification: %s", wrong)
                         : NULL;
}

enum rota_exit rota_job_feed_check_input(struct rota_job_feed *d)
{
    struct rota_bytes payload;
    enum rota_supply got;
    uint64_t faults = 0;
    int64_t place = rota_source_place(&d->source);
    if (place < 0)
        return ROTA_EXIT_DONE;
    while ((got = rota_source_next(&d->source, &payload)) < ROTA_SUPPLY_WAIT) {
        rota_outbox_reset(&d->outbox);
        const char *wrong = fault_of(d, got, payload);
        if (wrong != NULL && faults++ < MOST_FAULTS)
            say_fault(d, wrong);
    }
    if (faults > MOST_FAULTS)
        rota_screen_say(d->screen, "%s: %llu more lines like that", d->config.input,
                        (unsigned long long)(faults - MOST_FAULTS));
    if (got == ROTA_SUPPLY_ERROR)
        rota_screen_say(d->screen, "%s cannot be read: %s", d->config.input, d->source.error);
    if (faults > 0)
        rota_screen_say(d->screen, "nothing of %s was submitted", d->config.input);
    rota_source_return(&d->source, place);
    if (got == ROTA_SUPPLY_ERROR || d->contradicted)
        return ROTA_EXIT_USAGE;
    return faults > 0 ? ROTA_EXIT_REFUSED : ROTA_EXIT_DONE;
}

static void feed(struct rota_job_feed *d)
{
    if (!d->process.started)
        return;
    while (!has_no_more_input(d) && d->next - d->oldest < MOST_JOBS &&
           d->handed_in < MOST_HANDED_IN && d->printer.waiting < MOST_WAITING && feed_one(d))
        continue;
    count(d);
}

static void on_ready(struct rota_source *source)
{
    feed(source->context);
}

static void on_after(struct rota_driver_loop *p)
{
    put_what_is_next(p->context);
    feed(p->context);
}

/* Lets the task be collected, now that its result is safe with its reader. */
static void collect(struct rota_job_feed *d, uint64_t number)
{
    struct rota_event event = {.kind = ROTA_EVENT_COLLECT};
    if (!d->config.results || !d->config.collect || d->process.finished || job_at(d, number)->own) {
        end_job(d, number);
        return;
    }
    event.job.job = number;
    event.job.name = job_at(d, number)->name;
    rota_driver_loop_tell(&d->process, &event);
}

static void stop_when_printed(struct rota_job_feed *d)
{
    if (!d->stopping || d->told || !rota_printer_is_idle(&d->printer))
        return;
    d->told = true;
    rota_driver_loop_stop(&d->process);
}

static void on_printed(struct rota_printer *p, uint64_t number)
{
    struct rota_job_feed *d = p->context;
    struct rota_job_feed_job *job = job_at(d, number);
    job->printed = true;
    if (is_failure(d, job) && !job->own)
        say_failure(d, number);
    collect(d, number);
    d->screen->blocked = p->waiting > 0 || p->open_line;
    feed(d);
    stop_when_printed(d);
    finish_if_done(d);
}

static void on_broken(struct rota_printer *p, int rc)
{
    struct rota_job_feed *d = p->context;
    rota_screen_say(d->screen, "standard output cannot be written: %s; stopping", strerror(-rc));
    rota_job_feed_stop(d);
    finish_if_done(d);
}

static void on_process_finished(struct rota_driver_loop *p)
{
    struct rota_job_feed *d = p->context;
    put_what_is_next(d);
    finish_if_done(d);
}

int rota_job_feed_open(struct rota_job_feed *d, uv_loop_t *loop,
                       const struct rota_job_feed_config *config, struct rota_screen *screen)
{
    d->config = *config;
    d->screen = screen;
    d->source.on_ready = on_ready;
    d->source.context = d;
    d->source.descriptor = -1;
    d->printer.on_done = on_printed;
    d->printer.on_broken = on_broken;
    d->printer.context = d;
    rota_printer_open(&d->printer, loop);
    rota_outbox_init(&d->outbox);
    d->process.on_act = on_act;
    d->process.on_after = on_after;
    d->process.on_finished = on_process_finished;
    d->process.context = d;
    return rota_driver_loop_open(&d->process, loop);
}

void rota_job_feed_hold(struct rota_job_feed *d)
{
    d->held = true;
}

void rota_job_feed_stop(struct rota_job_feed *d)
{
    if (d->stopping)
        d->told = true;
    d->held = true;
    d->stopping = true;
    for (uint64_t i = d->turn; i < d->next && !d->printer.broken; i++)
        if (job_at(d, i)->ready && !job_at(d, i)->put)
            put(d, i);
    if (d->told)
        rota_driver_loop_stop(&d->process);
    else
        stop_when_printed(d);
}

void rota_job_feed_say_what_is_left(struct rota_job_feed *d)
{
    for (uint64_t i = d->oldest; i < d->next; i++) {
        const struct rota_job_feed_job *job = job_at(d, i);
        if (has_name(job) && !job->printed)
            rota_screen_say(d->screen, "left: %s", job->name);
    }
}

enum rota_exit rota_job_feed_status(const struct rota_job_feed *d)
{
    if (d->printer.broken)
        return ROTA_EXIT_FAILED;
    if (d->process.driver.status > ROTA_EXIT_FAILED || d->config.operating != NULL)
        return d->process.driver.status;
    if (d->refused > 0)
        return d->contradicted ? ROTA_EXIT_USAGE : ROTA_EXIT_REFUSED;
    if (d->input_failed)
        return ROTA_EXIT_USAGE;
    return d->failed > 0 ? ROTA_EXIT_FAILED : ROTA_EXIT_DONE;
}

void rota_job_feed_close(struct rota_job_feed *d)
{
    for (uint64_t i = d->oldest; i < d->next; i++)
        forget(job_at(d, i));
    free(d->jobs);
    rota_printer_close(&d->printer);
    rota_outbox_close(&d->outbox);
}
