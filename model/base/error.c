#include "model/base/error.h"

enum { API_ERRORS = -100 }; /* a server refuses with numbers below this one */

const char *rota_error_name(int32_t rc)
{
    switch (rc) {
#define X(name, number, class, sentence)                                                           \
    case number:                                                                                   \
        return #name;
        ROTA_ERROR_MAP(X)
#undef X
    default:
        return "UNKNOWN";
    }
}

enum rota_error_class rota_error_class(int32_t rc)
{
    switch (rc) {
#define X(name, number, class, sentence)                                                           \
    case number:                                                                                   \
        return ROTA_ERROR_##class;
        ROTA_ERROR_MAP(X)
#undef X
    default:
        return rc < API_ERRORS ? ROTA_ERROR_REFUSE : ROTA_ERROR_RESOLVE;
    }
}

bool rota_error_is_news(int32_t rc)
{
    return rota_error_class(rc) == ROTA_ERROR_NEWS;
}

bool rota_error_is_over(int32_t rc)
{
    return rota_error_class(rc) == ROTA_ERROR_OVER;
}

const char *rota_error_sentence(int32_t rc)
{
    switch (rc) {
#define X(name, number, class, sentence)                                                           \
    case number:                                                                                   \
        return sentence;
        ROTA_ERROR_MAP(X)
#undef X
    default:
        return "an error this program does not know";
    }
}
