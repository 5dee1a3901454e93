#include "cli/jobs/job_report.h"

#include <stdio.h>
#include <string.h>

void rota_job_report_refusal(const struct rota_job_report *r, uint64_t line, const char *why)
{
    if (line == 0)
        rota_screen_say(r->screen, "%s %s", r->input, why);
    else
        rota_screen_say(r->screen, "%s, line %llu %s", r->input, (unsigned long long)line, why);
}

/* Whether a job without a name ended in the same way for the same reason. */
static bool is_alike(const struct rota_ring_job *job, const struct rota_ring_job *other)
{
    return other->ready && !other->over && !other->refused_here && !rota_ring_job_has_name(other) &&
           strcmp(other->state, job->state) == 0 && strcmp(other->reason, job->reason) == 0;
}

/* One sentence for this line of the input and for the lines behind it that ended alike. */
static void say_lines(const struct rota_job_report *r, uint64_t number)
{
    const struct rota_ring_job *job = rota_job_ring_at(r->jobs, number);
    const struct rota_ring_job *last = job;
    char to_line[32] = "";

    for (uint64_t i = number + 1; i < r->jobs->next; i++) {
        struct rota_ring_job *other = rota_job_ring_at(r->jobs, i);

        if (!is_alike(job, other))
            break;
        other->reported = true;
        last = other;
    }
    if (last != job)
        snprintf(to_line, sizeof to_line, " to %llu", (unsigned long long)last->line);
    rota_screen_say(r->screen, "%s, line%s %llu%s: %s%s%s", r->input, last != job ? "s" : "",
                    (unsigned long long)job->line, to_line, job->state,
                    job->reason[0] != '\0' ? ": " : "", job->reason);
}

static void say_end(const struct rota_job_report *r, uint64_t number)
{
    const struct rota_ring_job *job = rota_job_ring_at(r->jobs, number);
    const char *colon = job->reason[0] != '\0' ? ": " : "";

    if (!rota_ring_job_has_name(job) && job->line > 0)
        say_lines(r, number);
    else if (!rota_ring_job_has_name(job))
        rota_screen_say(r->screen, "%s: %s%s%s", r->input, job->state, colon, job->reason);
    else if (job->line > 0)
        rota_screen_say(r->screen, "task %s, line %llu: %s%s%s", job->name,
                        (unsigned long long)job->line, job->state, colon, job->reason);
    else
        rota_screen_say(r->screen, "task %s: %s%s%s", job->name, job->state, colon, job->reason);
}

static void print_errors(const struct rota_job_report *r, const struct rota_ring_job *job)
{
    const char *text = job->errors;
    size_t left = job->errors_length;

    while (left > 0) {
        const char *newline = memchr(text, '\n', left);
        size_t length = newline != NULL ? (size_t)(newline - text) : left;

        rota_screen_line(r->screen, NULL, text, length);
        length += newline != NULL ? 1 : 0;
        text += length;
        left -= length;
    }
    rota_screen_flush(r->screen);
}

void rota_job_report_failure(const struct rota_job_report *r, uint64_t number, bool errors)
{
    const struct rota_ring_job *job = rota_job_ring_at(r->jobs, number);

    if (!job->reported)
        say_end(r, number);
    if (errors)
        print_errors(r, job);
}

uint64_t rota_job_report_unprinted(const struct rota_job_report *r)
{
    uint64_t count = 0;

    for (uint64_t i = r->jobs->oldest; i < r->jobs->next; i++) {
        const struct rota_ring_job *job = rota_job_ring_at(r->jobs, i);

        if (!rota_ring_job_has_name(job) || job->printed)
            continue;
        rota_screen_say(r->screen, "no result was printed for: %s", job->name);
        count++;
    }
    return count;
}
