/** An advertising column full of posters, standing at the lower edge. Decorative. */
import type { ReactNode } from 'react'

export function ColumnArt(): ReactNode {
  return (
    <svg viewBox="0 0 420 470" className="mx-auto w-full max-w-md" aria-hidden="true">
      <ellipse cx="210" cy="462" rx="190" ry="26" fill="#052f2b" />
      <path d="M206 10a5 5 0 0 1 10 0v22h-10z" fill="#9fd8cf" />
      <path d="M70 96c8-36 66-64 140-66 74 2 132 30 140 66z" fill="#0f6f66" />
      <path d="M70 96c8-36 66-64 140-66-52 8-86 34-92 66z" fill="#128076" />
      <rect x="62" y="94" width="296" height="20" rx="4" fill="#9fd8cf" />
      <rect x="82" y="114" width="256" height="322" fill="#f3f7f5" />
      <rect x="82" y="114" width="64" height="322" fill="#000" opacity=".05" />
      <rect x="302" y="114" width="36" height="322" fill="#000" opacity=".09" />
      <g>
        <rect x="98" y="130" width="104" height="136" fill="#0b6b63" />
        <circle cx="150" cy="182" r="30" fill="#f4b860" />
        <path d="M110 236h80M110 248h52" stroke="#fff" strokeWidth="5" strokeLinecap="round" />
      </g>
      <g>
        <rect x="212" y="130" width="110" height="82" fill="#f4b860" />
        <path d="M226 154h56M226 170h82M226 186h40" stroke="#5a3a08" strokeWidth="6" strokeLinecap="round" />
      </g>
      <g>
        <rect x="212" y="222" width="50" height="100" fill="#d8ebe7" />
        <path d="M222 240h30M222 252h30M222 264h20" stroke="#0b6b63" strokeWidth="4" strokeLinecap="round" />
        <path d="M222 306l10-14 8 8 12-18v24z" fill="#0b6b63" />
      </g>
      <g>
        <rect x="270" y="222" width="52" height="100" fill="#e4573d" />
        <path d="M296 244v54M274 271h44" stroke="#fff" strokeWidth="6" strokeLinecap="round" />
      </g>
      <g>
        <rect x="98" y="276" width="104" height="62" fill="#fff" stroke="#c9d6d2" strokeWidth="2" />
        <path d="M112 324V306M132 324v-30M152 324v-22M172 324v-38" stroke="#0b6b63" strokeWidth="9" />
      </g>
      <g>
        <rect x="98" y="348" width="150" height="74" fill="#2b3d66" />
        <path d="M112 372h86M112 388h116M112 404h64" stroke="#dbe4f7" strokeWidth="5" strokeLinecap="round" />
      </g>
      <g>
        <rect x="258" y="332" width="64" height="90" fill="#9fd8cf" />
        <circle cx="290" cy="366" r="17" fill="#07423d" />
        <path d="M272 404h36" stroke="#07423d" strokeWidth="5" strokeLinecap="round" />
      </g>
      <path d="M66 436h288l10 28H56z" fill="#9fd8cf" />
      <path d="M66 436h288l3 8H63z" fill="#6fb9ae" />
    </svg>
  )
}
