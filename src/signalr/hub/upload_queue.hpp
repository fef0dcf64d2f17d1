#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <saker/signalr/hub/stream_reader.hpp>

#include "async/resumption.hpp"

namespace saker::signalr {

/// Who puts items into upload_queues, and waits where there is no room.
class upload_owner {
 public:
  /// There is room again, or nobody wants more.
  virtual void on_items_taken(std::size_t bytes) noexcept = 0;

 protected:
  ~upload_owner() = default;
};

/// An upload_stream, with the client's side of it.
///
/// Owner: the connection, and the method that reads. Thread rule: the connection's loop.
class upload_queue final : public detail::upload_stream {
 public:
  upload_queue(std::size_t capacity, binding::value_format format,
               std::weak_ptr<upload_owner> owner) noexcept
      : capacity_(capacity), format_(format), owner_(std::move(owner)) {}

  bool is_full() const noexcept { return items_.size() >= capacity_; }
  bool is_completed() const noexcept { return completed_; }
  /// Returns what it costs while it waits.
  std::size_t push(std::string_view item);
  void complete(std::optional<std::string> error) override;
  /// The method has ended: nobody reads what waits.
  void discard();

  bool is_ready() const noexcept override { return !items_.empty() || completed_; }
  void set_reader(std::coroutine_handle<> reader) noexcept override;
  std::optional<std::string> take() override;
  binding::value_format format() const noexcept override { return format_; }

 private:
  void wake_reader() noexcept;
  void tell(std::size_t bytes) const noexcept;

  const std::size_t capacity_;
  const binding::value_format format_;
  const std::weak_ptr<upload_owner> owner_;
  std::deque<std::string> items_;
  bool completed_ = false;
  std::optional<std::string> error_;
  std::optional<async::resumption> reader_;
};

}  // namespace saker::signalr
