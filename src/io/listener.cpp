#include "io/listener.hpp"

#include <exception>
#include <string>
#include <utility>

#include "io/sockets.hpp"
#include "observe/log.hpp"

namespace saker::io {
namespace {

observe::rare_log_line pauses;

}  // namespace

listener::listener(event_loop& loop, int descriptor, accepted on_accept)
    : io_(loop_io::of(loop)),
      descriptor_(descriptor),
      on_accept_(std::move(on_accept)),
      resume_(
          [](void* self) {
            auto& paused = *static_cast<listener*>(self);
            paused.io_.poller().modify(paused.descriptor_, paused, {.readable = true});
          },
          this) {
  io_.poller().add(descriptor_, *this, {.readable = true});
}

listener::~listener() {
  io_.poller().remove(descriptor_, *this);
  close_socket(descriptor_);
}

void listener::on_ready(readiness) {
  try {
    for (int i = 0; i < most_per_turn; ++i) {
      const auto descriptor = accept_connection(descriptor_);
      if (!descriptor) return;
      on_accept_(*descriptor);
    }
  } catch (const std::exception& error) {
    pauses.log(observe::log_level::warning,
               std::string("Accepting connections pauses for a moment: ") + error.what());
    pause();
  }
}

void listener::pause() {
  io_.poller().modify(descriptor_, *this, {});
  resume_.set(io_.loop().deadlines(), std::chrono::milliseconds(200));
}

}  // namespace saker::io
