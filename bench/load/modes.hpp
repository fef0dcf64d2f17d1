#pragma once

#include "arguments.hpp"
#include "report.hpp"

namespace saker_load {

report run_echo(const arguments& options);
report run_idle(const arguments& options);
report run_churn(const arguments& options);
report run_broadcast(const arguments& options);

}  // namespace saker_load
