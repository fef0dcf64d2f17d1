#include "http1/response_head.hpp"

#include <ctime>

#include <saker/http/error.hpp>

#include "http/http_date.hpp"

namespace saker::http1 {

void append_status_line(std::string& head, int status) {
  head += "HTTP/1.1 ";
  head += std::to_string(status);
  head += ' ';
  head += reason_phrase(status);
  head += "\r\n";
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  head += value;
  head += "\r\n";
}

void append_date(std::string& head) {
  thread_local std::time_t second = 0;
  thread_local std::string text;
  if (const auto now = std::time(nullptr); now != second) {
    second = now;
    text = http::format_http_date(now);
  }
  append_field(head, "Date", text);
}

std::string& scratch_head() {
  thread_local std::string head;
  head.clear();
  return head;
}

}  // namespace saker::http1
