"""Two pseudo-terminals and a wire between them, on which one byte is changed, or one piece lost, on demand."""
import os, select, sys, tty

pairs = [os.openpty(), os.openpty()]
for _, end in pairs:
    tty.setraw(end)
print(*(os.ttyname(end) for _, end in pairs), flush=True)
masters = [master for master, _ in pairs]
fate = ""
while True:
    ready, _, _ = select.select(masters + [sys.stdin], [], [])
    if sys.stdin in ready:
        line = sys.stdin.readline()
        if line == "":
            break
        fate = line.strip()
    for at, master in enumerate(masters):
        if master not in ready:
            continue
        piece = bytearray(os.read(master, 4096))
        if at == 0 and fate == "change":
            piece[len(piece) // 2] ^= 1
        if at != 0 or fate != "lose":
            os.write(masters[1 - at], piece)
        if at == 0:
            fate = ""
