# A mail server that takes everything into a Maildir: aiosmtpd (Debian python3-aiosmtpd) with a handler that writes the
# bytes as they came. Prints its port, then how many it has at each 500, and ends when its standard input does.
#
#   /usr/bin/python3 maildir.py FOLDER
import asyncio
import os
import sys

from aiosmtpd.smtp import SMTP


class Keep:
    def __init__(self, folder):
        self.folder, self.n = folder, 0
        for name in ("tmp", "new", "cur"):
            os.makedirs(os.path.join(folder, name), exist_ok=True)

    async def handle_DATA(self, server, session, envelope):
        self.n += 1
        name = "%d.%d.demo" % (self.n, os.getpid())
        with open(os.path.join(self.folder, "tmp", name), "wb") as f:
            f.write(envelope.original_content)
        os.rename(os.path.join(self.folder, "tmp", name), os.path.join(self.folder, "new", name))
        if self.n % 500 == 0:
            print(self.n, flush=True)
        return "250 taken"


async def main(folder):
    loop, keep = asyncio.get_running_loop(), Keep(folder)
    server = await loop.create_server(lambda: SMTP(keep, hostname="demo.example.org"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main(sys.argv[1]))
