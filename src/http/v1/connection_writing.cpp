#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "http/message/http_date.hpp"
#include "http/v1/connection.hpp"
#include "http/v1/response_head.hpp"

// The response: its head, its body, and a client that takes them slowly.

namespace saker::http::v1 {
namespace {

bool allows_body(int status) { return status >= 200 && status != 204 && status != 304; }

/// Fields that the connection decides itself, or that the status forbids.
bool is_framing_field(std::string_view name, int status) {
  if (equals_ignoring_case(name, "Transfer-Encoding")) return true;
  return status != 304 && !allows_body(status) && equals_ignoring_case(name, "Content-Length");
}

}  // namespace

void connection::write(http_response& response, std::span<const std::byte> data, bool last) {
  if (upgraded_) {
    throw std::logic_error("Cannot write to response body after connection has been upgraded.");
  }
  if (!response.has_started()) start_response(response, data.size(), last);
  if (error_) throw std::system_error(error_);
  if (!data.empty()) write_body(data);
  if (stream_ && !timing_->is_set()) watch_client();
}

void connection::start_response(http_response& response, std::size_t known_size, bool last) {
  response.mark_started();
  const auto status = response.status();
  const auto& fields = std::as_const(response).headers();
  auto& head = scratch_head();
  append_status_line(head, status);
  append_field(head, "Date", http::current_http_date());
  if (options_.add_server_header && !fields.contains("Server")) {
    append_field(head, "Server", "Saker");
  }
  const bool no_body = !allows_body(status);
  for (const auto& [name, value] : fields) {
    if (!is_framing_field(name, status)) append_field(head, name, value);
  }
  if (const auto length = fields.find("Content-Length"); length && !no_body) {
    framing_ = framing::length;
    std::from_chars(length->data(), length->data() + length->size(), length_left_);
  } else if (no_body) {
    framing_ = framing::none;
  } else if (last) {
    framing_ = framing::length;
    length_left_ = known_size;
    append_field(head, "Content-Length", std::to_string(known_size));
  } else if (context_->request().protocol() == "HTTP/1.1") {
    framing_ = framing::chunked;
    append_field(head, "Transfer-Encoding", "chunked");
  } else {
    framing_ = framing::until_close;
    keep_alive_ = false;
  }
  const bool says_close = fields.list_contains("Connection", "close");
  if (says_close) keep_alive_ = false;
  if (continue_due_) keep_alive_ = false;  // Whether the body will come cannot be known.
  if (!keep_alive_ && !says_close) {
    append_field(head, "Connection", "close");
  } else if (context_->request().protocol() == "HTTP/1.0" && !fields.contains("Connection")) {
    append_field(head, "Connection", "keep-alive");
  }
  head += "\r\n";
  if (stream_) stream_->write(bytes_of(head));
}

void connection::write_body(std::span<const std::byte> data) {
  if (framing_ == framing::none) {
    throw std::logic_error("A response with this status has no body.");
  }
  if (framing_ == framing::length) {
    if (data.size() > length_left_) {
      throw std::logic_error("Response Content-Length mismatch: too many bytes written.");
    }
    length_left_ -= data.size();
  }
  if (!stream_) return;
  if (head_request_) {
    timing_->unsent += data.size();
    return;
  }
  if (framing_ != framing::chunked) {
    stream_->write({}, data);
    return;
  }
  char size[20];
  const auto end = std::to_chars(size, size + sizeof size, data.size(), 16).ptr;
  *end = '\r';
  *(end + 1) = '\n';
  stream_->write(std::as_bytes(std::span(size, static_cast<std::size_t>(end - size) + 2)), data);
  stream_->write(bytes_of("\r\n"));
}

bool connection::congested() const noexcept {
  if (head_request_) return timing_->unsent >= most_owed_by_default;
  return options_.limits.max_response_buffer_size && owes_output();
}

/// The answer to HEAD goes nowhere; its writer is made to wait now and then all the same, or one
/// that never ends would have the loop for itself.
void connection::set_drain_waiter(async::resumption* waiter) noexcept {
  drain_waiter_ = waiter;
  if (!waiter || !stream_) return;
  if (head_request_) {
    timing_->unsent = 0;
    timing_->set(loop_.state().deadlines(), async::deadline_wheel::tick);
  } else {
    wait_for_client();
  }
}

void connection::wait_for_client() {
  stream_->notify_drained(most_owed());
  watch_client();
}

/// What waits for the client must be taken, at its pace. What leaves at the end of the turn shows
/// only at the next look. False: there is nothing to look for.
bool connection::watch_client() {
  if (options_.limits.min_response_data_rate == 0 || stream_->queued() == 0) return false;
  timing_->set(loop_.state().deadlines(), http::rate_check_interval);
  return true;
}

void connection::on_drained() {
  wake_writer();
  if (phase_ == phase::head && !reader_->has_begun()) wait_for_request();
}

void connection::wake_writer() {
  if (auto* const waiter = std::exchange(drain_waiter_, nullptr)) waiter->wake(loop_.state());
}

void connection::write_last_chunk(const http_response& response) {
  auto& end = scratch_head();
  end = "0\r\n";
  if (const auto* const trailers = response.trailers()) {
    for (const auto& [name, value] : *trailers) append_field(end, name, value);
  }
  end += "\r\n";
  stream_->write(bytes_of(end));
}

}  // namespace saker::http::v1
