#include "http/exchange/body_pipe.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <saker/http/message/error.hpp>

namespace saker::http {

void body_pipe::push(std::span<const std::byte> data) {
  if (data.empty()) return;
  if (waiting_ && kept() == 0 && !waiting_->buffer_.empty()) {
    const auto count = std::min(data.size(), waiting_->buffer_.size());
    std::memcpy(waiting_->buffer_.data(), data.data(), count);
    waiting_->count_ = count;
    data = data.subspan(count);
  }
  kept_.insert(kept_.end(), data.begin(), data.end());
  wake();
}

void body_pipe::finish() {
  finished_ = true;
  wake();
}

void body_pipe::fail(std::error_code error) {
  if (finished_ || error_) return;
  error_ = error;
  wake();
}

void body_pipe::wake() {
  if (auto* const reader = std::exchange(waiting_, nullptr)) reader->caller_.wake(loop_);
}

void body_pipe::take(std::size_t bytes) {
  taken_ += bytes;
  if (kept() == 0) {
    kept_ = {};
    taken_ = 0;
  } else if (taken_ > kept_.size() / 2) {
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
}

bool body_pipe::read_operation::complete() {
  if (pipe_.kept() > 0) {
    count_ = std::min(pipe_.kept(), buffer_.size());
    std::memcpy(buffer_.data(), pipe_.kept_.data() + pipe_.taken_, count_);
    pipe_.take(count_);
    pipe_.source_.on_body_taken();
    return true;
  }
  return pipe_.finished_ || pipe_.error_;
}

bool body_pipe::read_operation::await_ready() {
  if (pipe_.waiting_) throw std::logic_error("The request body is already being read.");
  if (complete()) return true;
  if (!std::exchange(pipe_.wanted_, true)) pipe_.source_.on_body_wanted();
  return false;
}

void body_pipe::read_operation::await_suspend(std::coroutine_handle<> caller) {
  caller_.arm(caller);
  pipe_.waiting_ = this;
}

std::size_t body_pipe::read_operation::await_resume() const {
  if (count_ == 0 && pipe_.error_) {
    if (pipe_.error_.category() == http_category()) throw http_error(pipe_.error_.value());
    throw std::system_error(pipe_.error_);
  }
  return count_;
}

}  // namespace saker::http
