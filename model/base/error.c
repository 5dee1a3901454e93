#include "model/base/error.h"

const char *rota_error_name(int32_t rc)
{
    switch (rc) {
#define X(name, number, sentence)                                                                  \
    case number:                                                                                   \
        return #name;
        ROTA_ERROR_MAP(X)
#undef X
    default:
        return "UNKNOWN";
    }
}

bool rota_error_is_news(int32_t rc)
{
    return rc == ROTA_ERR_NO_NODE || rc == ROTA_ERR_NODE_EXISTS || rc == ROTA_ERR_BAD_VERSION ||
           rc == ROTA_ERR_NOT_EMPTY;
}

const char *rota_error_sentence(int32_t rc)
{
    switch (rc) {
#define X(name, number, sentence)                                                                  \
    case number:                                                                                   \
        return sentence;
        ROTA_ERROR_MAP(X)
#undef X
    default:
        return "an error this program does not know";
    }
}
