#pragma once

#include <string>

#include <saker/http/exchange/context.hpp>

#include "async/work_report.hpp"
#include "http/exchange/failure.hpp"
#include "http/exchange/upgrade.hpp"

namespace saker::http {

inline constexpr async::work_kind request_work{"request", "requests", true};

/// Reports a request whose handler has not ended. One that only waits for the peer of its socket to
/// answer the Close does not count: the peer has been told.
template <class Name>
void report_request(Name name, const upgraded_protocol* upgraded, async::work_report& to) {
  if (upgraded && upgraded->waits_for_peer()) return;
  to.add(request_work, name);
}

inline void report_request(const http_context& context, const upgraded_protocol* upgraded,
                           async::work_report& to) {
  report_request([&] { return name_of(context.request()); }, upgraded, to);
}

}  // namespace saker::http
