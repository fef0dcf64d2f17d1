// Runs a fuzz target over files, and over the files of directories, without libFuzzer. With
// --pieces N whatever arrives comes N bytes at a time.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> files_in(int count, char** names) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < count; ++i) {
    if (!std::filesystem::is_directory(names[i])) {
      files.emplace_back(names[i]);
      continue;
    }
    for (const auto& each : std::filesystem::recursive_directory_iterator(names[i])) {
      if (each.is_regular_file()) files.push_back(each.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int count, char** names) {
  if (count > 2 && std::string_view(names[1]) == "--pieces") {
    saker::fuzz::forced_piece = std::stoul(names[2]);
    count -= 2;
    names += 2;
  }
  const auto files = files_in(count, names);
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "Cannot read %s\n", path.c_str());
      return 1;
    }
    // A crash is then preceded by the name of what caused it.
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);
    const std::vector<char> data{std::istreambuf_iterator<char>(file), {}};
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
  }
  std::printf("%zu inputs replayed\n", files.size());
  return files.empty() ? 1 : 0;
}
