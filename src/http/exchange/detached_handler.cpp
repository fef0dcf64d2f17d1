#include "http/exchange/detached_handler.hpp"

#include <cstring>
#include <utility>

#include <saker/async/event_loop.hpp>

#include "async/loop_state.hpp"
#include "http/exchange/failure.hpp"
#include "http/exchange/work.hpp"

namespace saker::http {
namespace {

std::unique_ptr<const char[]> copy_of(const std::string& text) {
  auto copy = std::make_unique<char[]>(text.size() + 1);
  std::memcpy(copy.get(), text.c_str(), text.size() + 1);
  return copy;
}

}  // namespace

detached_handler::detached_handler(const http_context& context, task<void> work,
                                   std::shared_ptr<upgraded_protocol> protocol)
    : protocol_(std::move(protocol)),
      task_(std::move(work)),
      name_(copy_of(name_of(context.request()))) {}

detached_handler::~detached_handler() {
  // The handler may use everything else while its frame goes.
  task_.destroy();
}

detached_handler& detached_handler::make(const http_context& context, event_loop& loop,
                                         task<void> work,
                                         std::shared_ptr<upgraded_protocol> protocol) {
  auto made = std::make_unique<detached_handler>(context, std::move(work), std::move(protocol));
  auto& handler = *made;
  loop.state().keep(std::move(made));
  handler.protocol_->on_detached(handler);
  return handler;
}

void detached_handler::start(async::task_listener* owner) {
  owner_ = owner;
  task_.start(*this);
}

void detached_handler::report_work(async::work_report& to) const {
  report_request([this] { return std::string(name_.get()); }, protocol_.get(), to);
}

void detached_handler::on_task_done(std::exception_ptr exception) noexcept {
  task_.destroy();
  if (exception) log_failure(name_.get(), exception, false, protocol_.get());
  protocol_->on_handler_done(exception != nullptr);
  if (owner_) owner_->on_task_done(nullptr);
  event_loop::current()->state().drop(*this);
}

}  // namespace saker::http
