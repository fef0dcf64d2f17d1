#include "app/lifetime.hpp"

#include <stdexcept>

#include "app/server.hpp"

namespace saker::app {

void lifetime::begin() {
  const std::scoped_lock lock(mutex_);
  if (stage_ != stage::configured) {
    throw std::logic_error("The application has already been started.");
  }
  stage_ = stage::starting;
}

void lifetime::serve(server& started) {
  const std::scoped_lock lock(mutex_);
  server_ = &started;
  stage_ = stage::serving;
  end_if_asked();
}

void lifetime::end_if_asked() {
  if (stage_ != stage::serving || !stopping_) return;
  stage_ = stage::ending;
  server_->request_stop();
}

void lifetime::stop() noexcept {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    stopped_at_ = clock::now();
    stopping_ = true;
  }
  stop_source_.request_stop();
  control_.stop();
  stopping_.notify_all();
  // Last: once the server has ended, whoever waits for that may destroy the application.
  const std::scoped_lock lock(mutex_);
  end_if_asked();
}

lifetime::clock::time_point lifetime::wait_for_stop() const {
  stopping_.wait(false);
  return stopped_at_;
}

}  // namespace saker::app
