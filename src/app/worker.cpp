#include "app/worker.hpp"

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "app/protocol_selector.hpp"
#include "io/socket_stream.hpp"
#include "io/sockets.hpp"
#include "io/tls_stream.hpp"
#include "observe/log.hpp"

namespace saker::app {
namespace {

constexpr int most_quiet_ticks = 15;

constexpr std::string_view plain_http_answer =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 52\r\nConnection: close\r\n\r\n"
    "A plain HTTP request was sent to an HTTPS endpoint.\n";

observe::rare_log_line refusals;
observe::rare_log_line failures;

/// Closes the descriptor unless it is released.
class accepted_socket {
 public:
  explicit accepted_socket(int descriptor) noexcept : descriptor_(descriptor) {}
  accepted_socket(const accepted_socket&) = delete;
  accepted_socket& operator=(const accepted_socket&) = delete;
  ~accepted_socket() { io::close_socket(descriptor_); }
  int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

}  // namespace

void worker::serve(int descriptor, bool secure) {
  std::unique_ptr<io::socket_stream> stream;
  try {
    stream = std::make_unique<io::socket_stream>(loop_, descriptor);
  } catch (...) {
    io::close_socket(descriptor);
    throw;
  }
  if (const auto most = options_.limits.max_concurrent_connections) {
    auto slot = options_.connections->take(*most);
    if (!slot) {
      refusals.log(observe::log_level::warning,
                   "A connection was closed because max_concurrent_connections are open.");
      return;
    }
    stream->hold(std::move(slot));
  }
  if (proxies_ && proxies_->known_proxies.contains(stream->remote_endpoint())) {
    proxied_connection::start(std::move(stream), proxies_->header_timeout,
                              [this, secure](std::unique_ptr<io::byte_stream> known) {
                                serve(std::move(known), secure);
                              });
  } else {
    serve(std::move(stream), secure);
  }
}

void worker::serve(std::unique_ptr<io::byte_stream> stream, bool secure) {
  if (secure) {
    stream = std::make_unique<io::tls_stream>(std::move(stream), *tls_, plain_http_answer);
  }
  protocol_selector::start(std::move(stream), options_);
}

void worker::listen(int descriptor, bool secure) {
  listeners_.push_back(std::make_unique<io::listener>(
      loop_, descriptor, [this, secure](int accepted) { serve(accepted, secure); }));
}

void worker::listen_for(int descriptor, bool secure,
                        const std::vector<std::unique_ptr<worker>>& all) {
  listeners_.push_back(std::make_unique<io::listener>(
      loop_, descriptor, [this, secure, &all, next = std::size_t{0}](int accepted) mutable {
        auto& target = *all[next++ % all.size()];
        if (&target == this) {
          serve(accepted, secure);
        } else {
          // It may end before it comes to that.
          auto owned = std::make_shared<accepted_socket>(accepted);
          target.loop_.post([&target, owned = std::move(owned), secure] {
            try {
              target.serve(owned->release(), secure);
            } catch (...) {
              failures.log(observe::log_level::error,
                           "A connection could not be served: " +
                               observe::describe(std::current_exception()));
            }
          });
        }
      }));
}

void worker::stop_in_order(std::function<void(bool)> listener) {
  loop_.post([this, listener = std::move(listener)]() mutable {
    stop_listener_ = std::move(listener);
    begin_stopping();
  });
}

void worker::stop_now() {
  loop_.post([this] { loop_.stop(); });
}

void worker::begin_stopping() {
  listeners_.clear();
  loop_.state().request_stop();
  loop_.state().when_idle([this](bool) { note_progress(); });
  stop_watch_.set(loop_.state().deadlines(), async::deadline_wheel::tick);
}

void worker::watch() {
  async::work_report work;
  work.leave_out_names();
  loop_.state().report_work(work);
  quiet_ticks_ = work.holds_stop() ? 0 : quiet_ticks_ + 1;
  note_progress();
  stop_watch_.set(loop_.state().deadlines(), async::deadline_wheel::tick);
}

/// Peers that do not take what they are sent, or do not end their side, are not waited for long
/// once no handler runs.
void worker::note_progress() {
  const bool finished = loop_.state().is_idle() || quiet_ticks_ >= most_quiet_ticks;
  if (std::exchange(finished_, finished) != finished) stop_listener_(finished);
}

}  // namespace saker::app
