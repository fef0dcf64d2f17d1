#include "http/v1/response_head.hpp"

#include <saker/http/message/error.hpp>

namespace saker::http::v1 {

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

std::string& scratch_head() {
  thread_local std::string head;
  head.clear();
  return head;
}

}  // namespace saker::http::v1
