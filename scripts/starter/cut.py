# block bodies for the evaluation: from the opening line's end to the body's last line
import re
B=re.compile(r'^([ \t]*)\S.*[{(\[:]\n',re.M)
def block(t,R):
    ops=list(B.finditer(t))
    if not ops: return None
    m=R.choice(ops); ind=len(m.group(1).expandtabs(4)); j=m.end()-1; k=m.end(); n=len(t); lines=0
    while k<n:
        e=t.find('\n',k); e=n if e<0 else e; ln=t[k:e]
        if ln.strip() and len(ln[:len(ln)-len(ln.lstrip())].expandtabs(4))<=ind: break
        if ln.strip(): j=e; lines+=1
        k=e+1
    if not 2<=lines<=5: return None
    i=re.compile(r'\n+[ \t]*').match(t,m.end()-1).end()
    return (i,j) if 8<j-i<300 else None
