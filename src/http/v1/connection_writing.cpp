#include <charconv>
#include <utility>

#include "http/message/http_date.hpp"
#include "http/v1/connection.hpp"
#include "http/v1/response_head.hpp"

// The response: its head, its content, and a client that takes them slowly.

namespace saker::http::v1 {
namespace {

/// Fields that the connection decides itself, or that the status forbids.
bool is_framing_field(std::string_view name, bool allows_length) {
  return equals_ignoring_case(name, "Transfer-Encoding") ||
         (!allows_length && equals_ignoring_case(name, "Content-Length"));
}

}  // namespace

void connection::send_head(const http_response& response, const content_size& content) {
  const auto status = response.status();
  const auto& fields = response.headers();
  auto& head = scratch_head();
  append_status_line(head, status);
  append_field(head, "Date", current_http_date());
  if (options_.add_server_header && !fields.contains("Server")) {
    append_field(head, "Server", "Saker");
  }
  const bool allows_length = content.allowed || status == 304;
  for (const auto& [name, value] : fields) {
    if (!is_framing_field(name, allows_length)) append_field(head, name, value);
  }
  if (status != 101) {
    append_framing(head, content);
    // After those nothing on the connection can be trusted to be what it seems.
    if (status == 408 || status == 413) keep_alive_ = false;
    append_persistence(head, fields);
  }
  head += "\r\n";
  stream_->write(bytes_of(head));
  if (!timing_->is_set()) watch_client();
}

void connection::append_framing(std::string& head, const content_size& content) {
  if (content.add_length) append_field(head, "Content-Length", std::to_string(*content.length));
  if (!content.allowed || content.length) return;
  if (exchange_->context().request().protocol() == "HTTP/1.1") {
    append_field(head, "Transfer-Encoding", "chunked");
    chunked_ = content.sent;
  } else {
    keep_alive_ = false;  // It ends with the connection.
  }
}

void connection::append_persistence(std::string& head, const headers& fields) {
  const bool says_close = fields.list_contains("Connection", "close");
  const auto* const body = exchange_->body();
  if (says_close || (body && (body->awaits_continue() || body->has_failed()))) keep_alive_ = false;
  if (!keep_alive_ && !says_close) {
    append_field(head, "Connection", "close");
  } else if (exchange_->context().request().protocol() == "HTTP/1.0" &&
             !fields.contains("Connection")) {
    append_field(head, "Connection", "keep-alive");
  }
}

void connection::send_content(std::span<const std::byte> data) {
  if (chunked_) {
    char size[20];
    const auto end = std::to_chars(size, size + sizeof size, data.size(), 16).ptr;
    *end = '\r';
    *(end + 1) = '\n';
    stream_->write(std::as_bytes(std::span(size, static_cast<std::size_t>(end - size) + 2)), data);
    stream_->write(bytes_of("\r\n"));
  } else {
    stream_->write({}, data);
  }
  if (!timing_->is_set()) watch_client();
}

void connection::send_end(const headers* trailers) {
  if (!chunked_) return;
  auto& end = scratch_head();
  end = "0\r\n";
  if (trailers) {
    for (const auto& [name, value] : *trailers) append_field(end, name, value);
  }
  end += "\r\n";
  stream_->write(bytes_of(end));
}

void connection::send_continue() {
  if (stream_) stream_->write(bytes_of("HTTP/1.1 100 Continue\r\n\r\n"));
}

void connection::await_room() {
  if (!stream_) return;
  stream_->notify_drained(most_owed());
  watch_client();
}

/// What waits for the client must be taken, at its pace. What leaves at the end of the turn shows
/// only at the next look. False: there is nothing to look for.
bool connection::watch_client() {
  if (options_.limits.min_response_data_rate == 0 || stream_->queued() == 0) return false;
  timing_->set(state().deadlines(), rate_check_interval);
  return true;
}

void connection::on_drained() {
  if (exchange_) exchange_->on_room();
  if (phase_ == phase::head && !timing_->reader->has_begun()) wait_for_request();
}

}  // namespace saker::http::v1
