#include "cli/jobs/operator_request.h"

#include "cli/jobs/client_main.h"

static const struct argp_option options[] = {{"json", 'J', 0, 0, "print one JSON object a line", 0},
                                             {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct rota_operator_request *w = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &w->options;
        return 0;
    case 'J':
        w->json = true;
        return 0;
    case ARGP_KEY_ARG:
        return ARGP_ERR_UNKNOWN; /* all of them together, as ARGS */
    case ARGP_KEY_ARGS:
        w->names = rota_options_names(state, "it", 255);
        return 0;
    case ARGP_KEY_END:
        if (w->names == NULL)
            argp_error(state, "which %s? Give their names, as rota list %s shows them",
                       w->names_are, w->names_are);
        rota_options_need_zk(state, &w->options);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&rota_options_argp, 0, NULL, 0}, {0}};
const struct argp rota_operator_request_argp = {
    .options = options, .parser = parse, .children = children};

int rota_operator_request_run(const struct rota_operator_request *w)
{
    struct rota_job_feed_config desk = {.results = true,
                                        .json = w->json,
                                        .names = w->names,
                                        .operating = &w->operating,
                                        .input = "the list of names"};
    return (int)rota_client_main_run(&w->options, &desk, NULL, NULL);
}
