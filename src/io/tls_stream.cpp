#include "io/tls_stream.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "io/loop_io.hpp"
#include "observe/log.hpp"

namespace saker::io {
namespace {

constexpr std::size_t most_below = tls_channel::most_below;
constexpr std::size_t largest_record = 16 * 1024;

/// Where the streams of a loop decrypt to.
struct plain_text {
  static constexpr std::size_t size = 64 * 1024;
  std::array<std::byte, size> bytes;
};

std::string last_openssl_error() {
  char text[256] = "unknown";
  if (const auto error = ERR_peek_last_error(); error != 0) {
    ERR_error_string_n(error, text, sizeof text);
  }
  return text;
}

/// What others left behind would be taken for a fault of this connection.
void forget_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

std::error_code protocol_fault() { return std::make_error_code(std::errc::protocol_error); }

}  // namespace

tls_stream::tls_stream(std::unique_ptr<byte_stream> below, tls_server& server,
                       std::string_view plain_text_answer)
    : loop_(below->loop()),
      below_(std::move(below)),
      channel_(*below_),
      handshake_(std::make_unique<tls_handshake>(
          [](void* self) { static_cast<tls_stream*>(self)->late(); }, this, server,
          plain_text_answer)),
      output_(loop_io::of(loop_).chunks()),
      share_([](void* self) { static_cast<tls_stream*>(self)->read_on(); }, this) {
  below_->set_handler(this);
  handshake_->limit(loop_.state().deadlines());
}

tls_stream::~tls_stream() {
  if (below_) below_->set_handler(nullptr);
}

std::string tls_stream::remote_endpoint() const {
  return below_ ? below_->remote_endpoint() : std::string();
}

std::string tls_stream::local_endpoint() const {
  return below_ ? below_->local_endpoint() : std::string();
}

// The handshake.

/// Nothing is allocated for a client that only connects. False: it does not speak TLS.
bool tls_stream::begin_handshake(std::span<const std::byte> data) {
  if (!begins_handshake(data)) {
    observe::log(observe::log_level::debug, "A client does not speak TLS on a TLS endpoint.");
    below_->write(handshake_->plain_text_answer());
    fail(protocol_fault());
    return false;
  }
  channel_.start(handshake_->make_ssl());
  return true;
}

void tls_stream::continue_handshake() {
  forget_errors();
  const auto result = SSL_do_handshake(channel_.ssl());
  if (result == 1) {
    finish_handshake();
  } else {
    note_result(result);
  }
}

void tls_stream::finish_handshake() {
  security_ = describe_security(*channel_.ssl());
  handshake_.reset();
  channel_.note_handshake_done();
}

// Reading.

void tls_stream::set_handler(stream_handler* handler) noexcept {
  input_.set_handler(handler);
  note_queued();
  if (!handler || handshake_ || !below_) return;
  if (input_.is_wanted() && !channel_.is_held()) below_->resume_reading();
  later();
}

/// At least a record, which can only be decrypted as a whole.
std::size_t tls_stream::read_budget() const noexcept {
  if (handshake_ || closing_) return loop_io::read_buffer_size;
  if (share_.is_used_up()) return 0;
  const auto budget = input_.handler ? input_.handler->read_budget() : 0;
  return budget == 0 ? 0 : std::max(budget, largest_record);
}

bool tls_stream::is_reading() const noexcept {
  return input_.handler && input_.is_wanted() && !share_.is_used_up() &&
         input_.handler->read_budget() != 0;
}

std::size_t tls_stream::on_read(std::span<std::byte> data) {
  if (error_ || closing_ || !input_.end.is_open()) return data.size();
  if (handshake_ && !channel_.ssl() && !begin_handshake(data)) return data.size();
  channel_.begin_reading(data);
  if (handshake_) continue_handshake();
  if (!handshake_ && !error_) decrypt();
  if (!error_ && below_) encrypt();
  const auto left = channel_.end_reading();
  if (!error_ && channel_.owes_answers()) channel_.hold_reading();
  return data.size() - left;
}

/// Decrypts and shows, as long as the handler reads and there is something. A handler that cannot
/// do with what it has left is shown more than the loop's buffer holds.
void tls_stream::decrypt() {
  const auto buffer = std::span<std::byte>(loop_.state().local<plain_text>().bytes);
  std::vector<std::byte> larger;
  while (channel_.ssl() && is_reading() && (input_.end.is_open() || has_decrypted())) {
    const auto kept = input_.kept_size();
    auto target = buffer;
    if (kept >= buffer.size() / 2) {
      larger.resize(2 * kept);
      target = larger;
    }
    const auto room = std::min(target.size() - kept, input_.handler->read_budget());
    const auto count = decrypt_into(target.subspan(kept, room));
    if (count == 0) break;
    input_.restore(target);
    input_.show(target.first(kept + count));
    if (channel_.is_empty() && !has_decrypted()) break;
  }
  note_unseen();
}

bool tls_stream::has_decrypted() const noexcept {
  return channel_.ssl() && SSL_pending(channel_.ssl()) != 0;
}

/// A handler that reads and has left something wants more of it; another one is to see it again.
/// That it has a budget by then is not enough: what it owes may have been encrypted, and wait
/// below.
void tls_stream::note_unseen() noexcept {
  unseen_ = !is_reading() && (input_.is_kept() || has_decrypted());
}

/// Several records at once, where they are there.
std::size_t tls_stream::decrypt_into(std::span<std::byte> buffer) {
  forget_errors();
  std::size_t total = 0;
  while (total < buffer.size() && !share_.is_used_up()) {
    share_.take(loop_.state(), async::turn_share::message);
    std::size_t count = 0;
    const auto result =
        SSL_read_ex(channel_.ssl(), buffer.data() + total, buffer.size() - total, &count);
    if (result != 1) {
      note_result(result);
      break;
    }
    total += count;
    // Asking OpenSSL for what is not there costs as much as a small record.
    if (channel_.is_empty() && SSL_pending(channel_.ssl()) == 0) break;
  }
  return total;
}

void tls_stream::note_result(int result) {
  switch (SSL_get_error(channel_.ssl(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return;
    case SSL_ERROR_ZERO_RETURN:
      input_.end.note_reached();
      later();
      return;
    default:
      if (observe::log_enabled(observe::log_level::debug)) {
        observe::log(observe::log_level::debug,
                     "A TLS connection failed: " +
                         (channel_.is_flooded() ? "Too many new keys." : last_openssl_error()));
      }
      ERR_clear_error();
      fail(protocol_fault());
  }
}

void tls_stream::on_read_end() {
  if (handshake_) {
    fail(std::make_error_code(std::errc::connection_reset));
    return;
  }
  input_.end.note_reached();
  later();
}

void tls_stream::on_error(std::error_code error) {
  if (closing_) {
    loop_.state().drop(*this);
    return;
  }
  fail(error);
}

void tls_stream::on_end_arrived(std::error_code error) {
  if (error) {
    note_queued();
    release_reading();
  }
  if (!closing_ && !handshake_ && (error || !is_reading())) {
    input_.end.announce(input_.handler, error);
  }
}

/// The end comes behind what is still to be shown.
void tls_stream::report_end() {
  // Also to a handler that has come since.
  if (input_.end.is_open() && security_ && is_lost()) {
    input_.end.announce(input_.handler, std::make_error_code(std::errc::connection_reset));
  }
  if (!input_.handler || input_.end.is_open() || input_.has_to_show_again()) return;
  if (security_ && (unseen_ || !is_reading())) {
    input_.end.announce(input_.handler, error_);
  } else {
    input_.end.report(input_.handler, error_);
  }
}

void tls_stream::pause_reading() noexcept {
  input_.pause();
  if (below_) below_->pause_reading();
}

void tls_stream::resume_reading() {
  input_.resume();
  if (below_ && !channel_.is_held()) below_->resume_reading();
  later();
}

/// When others have had their turn.
void tls_stream::read_on() {
  if (input_.is_wanted() && !closing_) resume_reading();
}

void tls_stream::release_reading() {
  if (!channel_.release() || !below_) return;
  if (input_.is_wanted()) below_->resume_reading();
}

// Writing.

void tls_stream::write(std::span<const std::byte> data) { write(data, {}); }

void tls_stream::write(std::span<const std::byte> head, std::span<const std::byte> payload) {
  if (is_lost() || !channel_.ssl()) return;
  output_.append(head);
  output_.append(payload);
  note_queued();
  later();
}

std::size_t tls_stream::queued() const noexcept {
  return output_.size() + (below_ ? below_->queued() : 0);
}

std::uint64_t tls_stream::sent() const noexcept { return below_ ? below_->sent() : 0; }

delivery tls_stream::delivered() const noexcept {
  if (!below_) return {};
  auto result = below_->delivered();
  if (!output_.empty()) result.what_is_left = delivery::rest::waiting;
  return result;
}

void tls_stream::encrypt() {
  if (output_.empty()) return;
  forget_errors();
  channel_.set_sending(true);
  while (!output_.empty() && !is_lost() && below_->queued() < most_below) {
    iovec first;
    output_.gather(std::span(&first, 1));
    std::size_t written = 0;
    const auto result = SSL_write_ex(channel_.ssl(), first.iov_base,
                                     std::min(first.iov_len, largest_record), &written);
    if (result != 1) {
      note_result(result);
      break;
    }
    output_.consume(written);
  }
  channel_.set_sending(false);
  if (is_lost()) output_.clear();
  note_queued();
  if (!output_.empty()) below_->notify_drained(most_below / 2);
}

void tls_stream::notify_drained(std::size_t below) noexcept {
  drained_.ask(below);
  later();
}

void tls_stream::on_drained() {
  if (!error_) encrypt();
  if (closing_) {
    continue_closing();
    return;
  }
  if (channel_.is_held() && !channel_.owes_answers()) release_reading();
  if (channel_.is_held()) below_->notify_drained(most_below / 2);
  deliver_drained();
}

void tls_stream::deliver_drained() {
  if (!drained_.is_asked() || !input_.handler) return;
  if (!drained_.is_due(queued())) {
    below_->notify_drained(std::min(drained_.below(), most_below / 2));
    return;
  }
  drained_.deliver(*input_.handler);
}

void tls_stream::on_turn_end() {
  if (closing_) {
    continue_closing();
    return;
  }
  if (input_.take_show_again() && is_reading()) {
    if (input_.is_kept()) input_.show_again();
    note_unseen();
    // What OpenSSL holds already.
    if (channel_.ssl() && !handshake_) decrypt();
  }
  if (channel_.ssl() && below_ && !error_) encrypt();
  report_end();
  deliver_drained();
}

// Ending.

void tls_stream::fail(std::error_code error) {
  if (error_) return;
  error_ = error;
  input_.end.note_reached();
  output_.clear();
  note_queued();
  handshake_.reset();
  later();
}

/// Nobody is told anything any more.
void tls_stream::forget_handler() noexcept {
  input_.forget_handler();
  drained_.forget();
  handshake_.reset();
}

void tls_stream::abort() noexcept {
  forget_handler();
  output_.clear();
  if (below_) below_->abort();
  channel_.end();
}

void tls_stream::close(std::unique_ptr<byte_stream> self, std::chrono::milliseconds limit) {
  forget_handler();
  closing_ = std::make_unique<closing_pace>(
      [](void* stream) { static_cast<tls_stream*>(stream)->late(); }, this, limit);
  closing_->begin(loop_.state(), sent());
  loop_.state().keep(std::move(self));
  channel_.release();
  if (below_) below_->resume_reading();  // To learn of the end; what comes is dropped.
  continue_closing();
}

void tls_stream::report_work(async::work_report& to) const {
  if (closing_ && queued() != 0) to.add(async::unread_output);
}

void tls_stream::continue_closing() {
  if (!below_) return;
  if (channel_.ssl() && !error_) {
    encrypt();
    if (!output_.empty()) return;
    SSL_shutdown(channel_.ssl());
    ERR_clear_error();
  }
  end_below();
}

void tls_stream::end_below() {
  below_->set_handler(nullptr);
  channel_.detach();
  close_in_order(std::move(below_), closing_->limit());
  closing_->clear();
  loop_.state().drop(*this);
}

/// The limit of the handshake is over, or that of the end.
void tls_stream::late() {
  if (!closing_) {
    observe::log(observe::log_level::debug, "A TLS handshake took too long.");
    fail(std::make_error_code(std::errc::timed_out));
  } else if (closing_->is_late(sent(), queued() == 0)) {
    abort();
    loop_.state().drop(*this);
  } else {
    closing_->begin(loop_.state(), sent());
  }
}

}  // namespace saker::io
