// Writes the sample reports of the unit tests as files, for the tests of commands and of the HTML report.
//   write_samples FOLDER
#include <cstdio>
#include <string>

#include "reports/file.h"
#include "reports/json.h"
#include "tests/unit/sample_report.h"

int main(int argc, char** argv) {
  using namespace amlnet;
  if (argc != 2) return 2;
  const std::string evil =
      "</script></style><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
      "'\"`]]>--><!--|[a](javascript:alert(1))\n\r\t\x1b[2J\x01\xe2\x80\xae{{x}}&lt;&#x3c;";
  const std::pair<const char*, Report> samples[] = {
      {"failing", failing_report()},     {"healthy", healthy_report()},
      {"foreign", foreign_report()},     {"incomplete", incomplete_report()},
      {"full", full_report()},           {"large", partly_broken_report(1000, 50)},
      {"hostile", hostile_report(evil)},
  };
  for (const auto& [name, report] : samples) {
    const auto problem = replace_file(std::string(argv[1]) + '/' + name + ".json",
                                      [&](const TextSink& sink) { write_report(report, sink); });
    if (!problem) continue;
    std::fprintf(stderr, "%s\n", problem->c_str());
    return 1;
  }
  return 0;
}
